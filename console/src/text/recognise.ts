/** Texts of recognition, comparison and what a score means: English, Chinese. `{name}` stands for a value. */
import type { Texts } from './table.ts';

export const recogniseTexts = {
  'nav.recognise': ['Recognise', '识别'],
  'nav.compare': ['Compare', '比对'],
  'recognise.groups': ['Groups to search, separated by commas (all if empty)', '检索的组，以逗号分隔（留空表示全部）'],
  'recognise.again': ['Search again', '重新检索'],
  'recognise.searched': [
    'Persons searched: about {persons}. Faces: about {faces}.',
    '检索了约 {persons} 个个体、{faces} 张人脸。',
  ],
  'recognise.nobody': ['Nobody resembles this face.', '没有相似的个体。'],
  'recognise.candidates': ['Candidates of face {number}', '人脸 {number} 的候选'],
  'recognise.cropOf': ['Registered face of {person}', '{person} 的已登记人脸'],
  'meaning.same': ['Both are of one photograph.', '两者出自同一张照片。'],
  'meaning.fitted': ['One stranger in {oneIn} reaches this.', '每 {oneIn} 个陌生人中有一个达到此分数。'],
  'meaning.below': [
    'More than one stranger in {oneIn} reaches this: it says nothing.',
    '每 {oneIn} 个陌生人中有不止一个达到此分数，不能说明什么。',
  ],
  'meaning.above': ['Fewer than one stranger in {oneIn} reaches this.', '每 {oneIn} 个陌生人中不到一个达到此分数。'],
  'meaning.gallery': [
    'In this gallery of {faces} faces, expect it of {strangers}.',
    '在这 {faces} 张人脸中，预计{strangers}会达到此分数。',
  ],
  'meaning.galleryMost': [
    'In this gallery of {faces} faces, expect it of {strangers} at most.',
    '在这 {faces} 张人脸中，预计至多{strangers}会达到此分数。',
  ],
  'meaning.percent': ['{percent} % of strangers', '{percent}% 的陌生人'],
  'meaning.oneIn': ['one stranger in {oneIn}', '每 {oneIn} 个陌生人中有一个'],
  'compare.first': ['First picture', '第一张图片'],
  'compare.second': ['Second picture', '第二张图片'],
  'compare.score': ['Score: {score}', '分数：{score}'],
  'compare.verify': ['Is it this person?', '是此人吗？'],
  'compare.verifySays': [
    'The face of a picture is compared with all the faces of a person.',
    '将图片中的人脸与一个个体的全部人脸比对。',
  ],
  'compare.personId': ['Id of the person', '个体 ID'],
  'compare.check': ['Verify', '验证'],
  'compare.match': ['The face API says that it is the person.', '人脸 API 判定是此人。'],
  'compare.noMatch': ['The face API says that it is not the person.', '人脸 API 判定不是此人。'],
} as const satisfies Texts;
