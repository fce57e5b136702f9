/** Texts of usage and statements: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const usageTexts = {
  'usage.from': ['From', '开始日期'],
  'usage.to': ['To', '结束日期'],
  'usage.by': ['By', '分组方式'],
  'usage.endpoint': ['Endpoint', '接口'],
  'usage.key': ['Key', '密钥'],
  'usage.product': ['Product', '产品'],
  'usage.code': ['Code', '返回码'],
  'usage.pictures': ['Pictures', '图片'],
  'usage.faces': ['Faces', '人脸'],
  'statement.title': ['Statement of a month', '月度账单'],
  'statement.month': ['Month', '月份'],
  'statement.make': ['Make the statement', '生成账单'],
} as const satisfies Texts;
