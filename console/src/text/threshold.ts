/** Texts of the threshold helper: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const thresholdTexts = {
  'nav.threshold': ['Threshold', '阈值'],
  'threshold.says': [
    'The face API tells a score from 0 to 100, and your program decides from which one on it is the person. A low threshold lets strangers in; a high one misses people who are registered.',
    '人脸 API 给出 0 到 100 的分数，由您的程序决定从哪个分数起算是本人。阈值低会放进陌生人，阈值高会漏掉已登记的人。',
  ],
  'threshold.faces': ['Faces that are searched', '检索的人脸数'],
  'threshold.rate': ['One stranger in … may be accepted', '允许每多少个陌生人中接受一个'],
  'threshold.strangers': ['Strangers a day', '每天的陌生人数'],
  'threshold.use': ['Use this threshold', '建议阈值'],
  'threshold.alarms': ['False alarms expected', '预计误报'],
  'threshold.alarmsADay': ['{count} a day', '每天 {count} 次'],
  'threshold.alarmsEvery': ['one in {days} days', '每 {days} 天一次'],
  'threshold.missed': ['Pictures of registered people missed', '漏掉的已登记人员图片'],
  'threshold.unknown': ['not measured', '未测量'],
  'threshold.tooMany': [
    'No threshold is enough for this. Search fewer persons by naming groups, or verify with a second picture.',
    '任何阈值都不足以满足此要求。请通过指定组减少检索人数，或用第二张图片再次验证。',
  ],
  'threshold.low': ['Below 50 a score says nothing, so 50 is the least.', '低于 50 的分数没有意义，因此最低为 50。'],
  'threshold.chart': ['Strangers accepted and people missed, by threshold', '不同阈值下接受的陌生人与漏掉的人'],
  'threshold.accepted': ['Strangers accepted among {faces} faces', '在 {faces} 张人脸中接受的陌生人'],
  'threshold.axis': ['Threshold', '阈值'],
  'threshold.beyond': [
    'Beyond 90 the scale was not fitted: the line is only drawn on.',
    '90 以上未经拟合，曲线仅为延伸。',
  ],
  'threshold.measured': [
    'Misses were measured with the built-in networks on photographs of Labeled Faces in the Wild, one picture each: yours may be better or worse.',
    '漏检率由内置网络在 Labeled Faces in the Wild 照片上测得（每人一张），您的图片可能更好或更差。',
  ],
} as const satisfies Texts;
