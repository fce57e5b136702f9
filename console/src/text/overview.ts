/** Texts of the overview and its chart: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const overviewTexts = {
  'overview.appids': ['Appids', '应用'],
  'overview.kept': ['{persons} persons · {faces} faces', '{persons} 个个体 · {faces} 张人脸'],
  'overview.allAppids': ['All appids', '全部应用'],
  'overview.server': ['Server', '服务器'],
  'overview.state': ['State', '状态'],
  'overview.ready': ['Ready', '就绪'],
  'overview.starting': ['Not ready', '未就绪'],
  'overview.version': ['Version', '版本'],
  'overview.url': ['Face API', '人脸 API'],
  'overview.model': ['Networks', '神经网络'],
  'overview.waiting': ['Pictures that wait', '等待的图片'],
  'overview.expectedWait': ['Expected wait', '预计等待'],
  'overview.inFlight': ['Calls in flight', '处理中的调用'],
  'overview.faces': ['Faces in memory', '内存中的人脸'],
  'overview.persons': ['Persons in memory', '内存中的个体'],
  'overview.calls': ['Calls of the last 30 days', '最近 30 天的调用'],
  'overview.noTenants': ['There is no appid yet.', '还没有应用。'],
  'chart.title': ['Calls by day', '每日调用'],
  'chart.day': ['Day', '日期'],
  'chart.ok': ['Successful calls', '成功的调用'],
  'chart.failed': ['Refused calls', '被拒绝的调用'],
  'chart.table': ['As a table', '以表格显示'],
  'chart.none': ['No calls in this time.', '此期间没有调用。'],
} as const satisfies Texts;
