/** Texts of the first steps and of the codes: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const startTexts = {
  'start.welcome': ['Welcome', '欢迎使用'],
  'start.welcomeSays': [
    'Nobody is registered yet. Three steps lead to the first recognition:',
    '目前还没有登记任何个体。三步即可完成首次识别：',
  ],
  'start.begin': ['Begin', '开始'],
  'start.done': ['Done', '已完成'],
  'start.key': ['A key', '创建密钥'],
  'start.keySays': [
    'Each call is signed with a SecretKey. It is shown once, when the key is made, and stands in the program below until you say that you have kept it.',
    '每次调用都要用 SecretKey 签名。SecretKey 只在创建密钥时显示一次；在您确认已保存之前，它会填入下面的程序。',
  ],
  'start.orEnrol': ['Without a program, here in the console:', '无需编程，在控制台中：'],
  'start.orRecognise': ['Without a program:', '无需编程：'],
  'start.person': ['A person', '登记个体'],
  'start.personSays': [
    'Put a photograph with a face beside the program as ada.jpg, and another one, of the same person or of somebody else, as somebody.jpg. The program registers the first one as ada, in the group friends.',
    '请在程序所在目录放一张带人脸的照片 ada.jpg，再放一张同一人或他人的照片 somebody.jpg。程序会把第一张登记为个体 ada，加入组 friends。',
  ],
  'start.recognition': ['A recognition', '识别人脸'],
  'start.recognitionSays': [
    'The same program then asks who of the group is in the second photograph. It answers with candidates and a confidence from 0 to 100. A code other than 0 says what went wrong: the page Codes tells what to do.',
    '同一程序接着查询第二张照片中是组内的哪个个体，应答给出候选个体和 0 到 100 的置信度。code 不为 0 时表示出错，“返回码”页面说明了处理办法。',
  ],
  'start.personComment': ['A person', '登记个体'],
  'start.recognitionComment': ['A recognition', '识别人脸'],
  'start.language': ['Language of the program', '编程语言'],
  'start.saveAs': ['Save this as {file} and run: {command}', '保存为 {file}，然后运行：{command}'],
  'start.unknownKey': [
    'Write your SecretKey in the place of {word}; it is not kept where it could be shown again.',
    '请用您的 SecretKey 替换 {word}；服务器无法再次显示它。',
  ],
  'start.copy': ['Copy', '复制'],
  'start.copied': ['Copied', '已复制'],
  'codes.all': ['All codes', '全部返回码'],
  'codes.when': ['When', '含义'],
  'codes.mend': ['What to do', '处理办法'],
  'codes.status': ['HTTP status', 'HTTP 状态码'],
} as const satisfies Texts;
