/** Texts of enrolling: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const enrolTexts = {
  'nav.enrol': ['Enrol', '登记'],
  'enrol.how': ['Who is in the pictures?', '图片中是谁？'],
  'enrol.one': ['All show one person', '均为同一个体'],
  'enrol.each': ['Each shows another person, named as its file', '每张图片为不同个体，以文件名为 ID'],
  'enrol.personId': ['Id of the person', '个体 ID'],
  'enrol.name': ['Name', '姓名'],
  'enrol.tag': ['Tag', '标签'],
  'enrol.groups': ['Groups, separated by commas', '组，以逗号分隔'],
  'enrol.groupsSay': [
    'A person who is there already gets the faces, and stays in the groups that it is in.',
    '已存在的个体只添加人脸，所在的组不变。',
  ],
  'enrol.pictures': ['Pictures: {count}', '图片：{count}'],
  'enrol.check': ['Look at them only', '仅检查'],
  'enrol.enrol': ['Enrol', '登记'],
  'enrol.stop': ['Stop', '停止'],
  'enrol.clear': ['Remove those that are done', '移除已完成的'],
  'enrol.remove': ['Remove', '移除'],
  'enrol.more': ['Show {count} more', '再显示 {count} 张'],
  'enrol.progress': [
    '{done} of {total} done: {added} added, {refused} refused',
    '已完成 {done}/{total}：已添加 {added}，被拒绝 {refused}',
  ],
  'enrol.state.waiting': ['Not sent yet', '未发送'],
  'enrol.state.busy': ['Being looked at…', '处理中…'],
  'enrol.state.checked': ['Looked at, not added', '已检查，未添加'],
  'enrol.state.added': ['Added', '已添加'],
  'enrol.state.known': ['The person has this picture already', '该个体已有此图片'],
  'enrol.state.refused': ['Refused', '被拒绝'],
  'enrol.state.failed': ['Not sent', '发送失败'],
  'enrol.idOf': ['Id of the person in {file}', '{file} 中个体的 ID'],
} as const satisfies Texts;
