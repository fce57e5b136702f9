/** Texts of what the server does now: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const liveTexts = {
  'live.now': ['Now', '当前'],
  'live.lately': ['The last ten minutes', '最近十分钟'],
  'live.time': ['Time', '时间'],
  'live.searchesWaiting': ['Searches that wait', '等待的搜索'],
  'live.writesWaiting': ['Writes that wait', '等待的写入'],
  'live.feedLag': ['Changes not yet searched', '尚未纳入搜索的变更'],
  'live.memory': ['Memory of the main process', '主进程内存'],
  'live.index': ['Memory of the index', '索引内存'],
  'live.disk': ['Free disk space', '磁盘可用空间'],
  'live.analysis': ['Processes that analyse pictures', '图片分析进程'],
  'live.lost': ['Processes that were replaced', '被替换的分析进程'],
  'live.calls': ['Calls a second', '每秒调用数'],
  'live.latency': ['Time of a call', '调用耗时'],
  'live.p50': ['Half of the calls are faster', '半数调用更快'],
  'live.p95': ['19 of 20 calls are faster', '95% 的调用更快'],
  'live.pictures': ['Pictures a second', '每秒图片数'],
  'live.refusals': ['Why calls were refused', '拒绝原因'],
  'live.noRefusals': ['No call was refused.', '没有被拒绝的调用。'],
  'live.count': ['Count', '次数'],
  'live.servers': ['Servers of this database', '共享此数据库的服务器'],
  'live.server': ['Server', '服务器'],
  'live.this': ['(this one)', '（本机）'],
  'live.seen': ['Last sign', '最近心跳'],
} as const satisfies Texts;
