/** Texts of operators: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const operatorsTexts = {
  'operator.role': ['Role', '角色'],
  'operator.reader': ['Reader: sees', '只读：查看'],
  'operator.editor': ['Editor: sees and changes persons', '编辑：查看并修改个体'],
  'operator.owner': ['Owner: may do all', '所有者：全部权限'],
  'operator.everything': ['All appids', '全部应用'],
  'operator.since': ['Since', '创建时间'],
  'operator.change': ['Change', '操作'],
  'operator.edit': ['Edit', '编辑'],
  'operator.editSays': [
    '{name} is signed out everywhere, and signs in again.',
    '{name} 将在所有设备上退出，需重新登录。',
  ],
  'operator.remove': ['Remove', '移除'],
  'operator.removeSays': [
    '{name} can no longer sign in, and is signed out everywhere.',
    '{name} 将无法再登录，并在所有设备上退出。',
  ],
  'operator.invite': ['Let somebody in', '邀请操作员'],
  'operator.appid': ['For which appids', '适用的应用'],
  'operator.makeLink': ['Make a link', '生成链接'],
  'operator.linkSays': [
    'Send this link to them. It works once, within an hour.',
    '请将此链接发送给对方。链接仅可使用一次，一小时内有效。',
  ],
} as const satisfies Texts;
