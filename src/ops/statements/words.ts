/** The words of statements, in English and Chinese. */

/** A language that statements are written in. */
export type StatementLanguage = 'en' | 'zh';

const english = {
  title: 'Statement',
  appid: 'appid',
  month: 'month',
  zone: 'time zone',
  state: 'state',
  closed: 'closed',
  open: 'open: it may still change',
  charges: 'Charges',
  product: 'product',
  calls: 'calls',
  late: 'late',
  free: 'free',
  charged: 'charged',
  price: 'price',
  amount: 'amount',
  sum: 'sum',
  total: 'total',
  endpoints: 'Calls answered with code 0',
  endpoint: 'endpoint',
  chargedAs: 'charged as',
  lateCalls: 'Late calls of months that were closed',
  refused: 'Calls answered with other codes, which cost nothing',
  code: 'code',
  unknownCode: 'not known',
  none: '–',
  reached: 'The price that the calls of a month reach holds for all of them.',
  graduated: 'Each price holds for the calls up to its bound.',
  bounds: 'Bounds count all calls of a product, the free ones too. A call of several products counts for each.',
  products: {
    detect: 'face detection',
    shape: 'face landmarks',
    compare: 'face comparison',
    verify: 'face verification',
    identify: 'face identification',
  },
};

const chinese: typeof english = {
  title: '账单',
  appid: 'appid',
  month: '月份',
  zone: '时区',
  state: '状态',
  closed: '已结账',
  open: '未结账：仍可能变化',
  charges: '费用',
  product: '产品',
  calls: '调用次数',
  late: '补计',
  free: '免费',
  charged: '计费',
  price: '单价',
  amount: '金额',
  sum: '合计',
  total: '应付',
  endpoints: 'code 为 0 的调用',
  endpoint: '接口',
  chargedAs: '计入产品',
  lateCalls: '已结账月份的补计调用',
  refused: '其他 code 的调用（不计费）',
  code: 'code',
  unknownCode: '未知',
  none: '–',
  reached: '当月调用次数达到的单价适用于当月全部调用。',
  graduated: '每档单价只适用于该档内的调用。',
  bounds: '档位按产品的全部调用次数计算，包括免费次数。一次调用属于多个产品时，分别计入各产品。',
  products: {
    detect: '人脸检测',
    shape: '五官定位',
    compare: '人脸对比',
    verify: '人脸验证',
    identify: '人脸检索',
  },
};

/** The words of each language. */
export const statementWords = { en: english, zh: chinese } as const satisfies Record<StatementLanguage, typeof english>;
/** All languages. */
export const statementLanguages = Object.keys(statementWords) as readonly StatementLanguage[];
