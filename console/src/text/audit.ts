/** Texts of the audit: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const auditTexts = {
  'audit.check': ['Is the audit as it was written?', '审计记录是否完整？'],
  'audit.verify': ['Check every chain', '校验所有链'],
  'audit.whole': [
    'All {lines} lines of {chains} chains are as they were written.',
    '{chains} 条链共 {lines} 行，均与写入时一致。',
  ],
  'audit.broken': ['The chain {chain} is broken at line {sequence}.', '链 {chain} 在第 {sequence} 行损坏。'],
  'audit.ofAppid': ['Lines of an appid', '应用的记录'],
  'audit.ofInstallation': ['Lines of the installation', '系统的记录'],
  'audit.none': ['There are no such lines.', '没有符合条件的记录。'],
  'audit.more': ['Show more', '显示更多'],
  'audit.most': [
    'The newest {count} are shown. Name days to see older ones.',
    '已显示最新的 {count} 条，指定日期可查看更早的记录。',
  ],
  'audit.filter': ['Show', '查询'],
  'audit.at': ['Time', '时间'],
  'audit.actor': ['Who', '执行者'],
  'audit.action': ['What', '操作'],
  'audit.id': ['Id', '对象 ID'],
  'audit.about': ['About', '对象'],
  'audit.code': ['Code', '返回码'],
} as const satisfies Texts;
