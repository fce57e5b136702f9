/** The Chinese texts of the declarations and of the pages made from them, except for the refusals. */

/** English text to Chinese text. */
export const chineseTexts: Readonly<Record<string, string>> = {
  Codes: '错误码',
  'Every answer is one JSON object, `{"code":…,"message":…,"data":…}`. Code 0 is success. With any other code `data` is absent unless the endpoint says otherwise, and the message begins with the text below, followed by details where they help. The HTTP status is 200 for every negative code.':
    '每个应答都是一个 JSON 对象：`{"code":…,"message":…,"data":…}`。code 为 0 表示成功。code 为其他值时没有 `data`（接口另有说明的除外），message 以下表中的文字开头，必要时后附细节。code 为负数时，HTTP 状态码都是 200。',
  'The answer’s `x-request-id` header has the id of the request in the server’s log.':
    '应答头部 `x-request-id` 是该请求在服务器日志中的 ID。',
  code: 'code',
  HTTP: 'HTTP 状态码',
  message: 'message',
  when: '含义',
  'what to do': '处理办法',
  endpoint: '接口',
  'what it does': '功能',
  'Creates a person from the largest face of a picture, and the groups that it joins.':
    '用图片中最大的人脸创建个体；所加入的组不存在时一并创建。',
  'Erases a person with every face, embedding and crop.': '删除个体，连同其全部人脸、特征和人脸小图。',
  'Adds the largest face of each of up to 20 pictures to a person; each picture has a code of its own.':
    '为个体增加人脸：最多 20 张图片，各取最大的人脸；每张图片各有一个返回码。',
  'Erases faces of a person, each with its embedding and crop.': '删除个体的若干人脸，连同各自的特征和人脸小图。',
  "Changes a person's name or tag; an empty text clears it, an absent one leaves it.":
    '修改个体的名字或备注：传空字符串表示清空，不传表示不变。',
  'Reads a person: name, tag, faces and groups.': '读取个体信息：名字、备注、人脸和所在的组。',
  'Lists the groups of the appid, in order of creation.': '按创建顺序列出该 appid 下的所有组。',
  'Lists the persons of a group, in the order in which they joined.': '按加入顺序列出组内的个体。',
  'Lists the faces of a person, in order of creation.': '按创建顺序列出个体的人脸。',
  'Reads the attributes of a face as they were when it was added.': '读取人脸信息，即加入该人脸时的识别结果。',
  'Makes a person a member of groups, all of them or none; those that do not exist are created.':
    '把个体加入若干组：要么全部加入，要么都不加入；不存在的组会自动创建。',
  'Ends a person’s membership of groups; a group ends with its last member.':
    '把个体移出若干组；最后一个成员离开后，组随之消失。',
  'API reference': '接口文档',
  'A call is `POST /face/<name>` with a JSON object or a multipart form as its body and a signature in the `Authorization` header. Every answer is one JSON object in UTF-8, `{"code":…,"message":…,"data":…}`, with code 0 for success. A description for machines is at `GET /openapi.json`.':
    '调用方式是 `POST /face/<接口名>`：请求体为 JSON 对象或 multipart 表单，签名放在 `Authorization` 头部。每个应答都是一个 UTF-8 编码的 JSON 对象：`{"code":…,"message":…,"data":…}`，code 为 0 表示成功。供程序读取的同样内容见 `GET /openapi.json`。',
  Signature: '签名',
  'The fields may be in any order. `a`, `k`, `e` and `t` are required; times are in seconds since 1970. A signature with `e` in the future may be used again until then, for 90 days at most; one with `e=0` can be used once, within 90 days of its `t`, and needs a non-empty `f`. The header has only the signature, without the name of a scheme.':
    '各字段顺序不限。`a`、`k`、`e`、`t` 必填；时间为 1970 年以来的秒数。`e` 为未来时间的签名在到期前可以重复使用，有效期最长 90 天；`e=0` 的签名只能用一次，须在 `t` 之后 90 天内使用，并且 `f` 不能为空。签名原样放入头部，前面不加任何方案名。',
  'In a shell:': '在 shell 中生成签名：',
  Bodies: '请求体',
  'Ids (`person_id`, `group_ids` …) are 1 to 128 bytes of UTF-8 without white space, control characters, slash, backslash and quotes. Names and tags are up to 255 characters without control characters.':
    '各种 ID（`person_id`、`group_ids` 等）为 1 至 128 字节的 UTF-8 字符串，不得含空白、控制字符、斜杠、反斜杠和引号。名字和备注最长 255 个字符，不得含控制字符。',
  'Lists are JSON arrays. In a form they are written `k[0]`, `k[1]` …, `k[]`, or `k` several times. A single text in place of a list counts as a list of one.':
    '列表用 JSON 数组表示。在表单中可写作 `k[0]`、`k[1]`……，或 `k[]`，或多次出现的 `k`。应为列表之处只给一个字符串时，视为只有一个元素的列表。',
  'Pictures are JPEG, PNG, WebP, BMP or GIF of a single frame, up to 1.5 MB each, whole bodies up to 32 MB (both settable). They are given by url or as bytes; where both are given, only the url is used. Their EXIF orientation is applied first: all coordinates are in pixels of the upright picture.':
    '图片支持 JPEG、PNG、WebP、BMP 和单帧 GIF，每张不超过 1.5 MB，整个请求体不超过 32 MB（均可配置）。图片可以用 url 或图片内容给出；两者都给出时只使用 url。处理前先按 EXIF 方向转正，所有坐标都以转正后图片的像素为单位。',
  'newperson and addface return in the header `x-face-resembles` the score of each face that resembles another person of the appid, if the appid wants that (`familiar tenants set --resembling`): `97.31, -`. The server can be set to refuse such faces (code -1313).':
    'newperson 和 addface 在响应头 `x-face-resembles` 中按图片顺序给出与该应用其他个体相似的人脸的分数（需为应用开启：`familiar tenants set --resembling`），例如 `97.31, -`。也可设置为拒绝此类人脸（错误码 -1313）。',
  'newperson and addface return in the header `x-face-quality` how fit each face is for recognition, 0 to 100 in the order of the pictures, and below 50 its fault (`small`, `blurred`, `dark`, `glaring`, `turned` or `covered`): `83, 31; blurred, -`. The server can be set to refuse low values (`--enrol-quality-min`, code -1103).':
    'newperson 和 addface 在响应头 `x-face-quality` 中按图片顺序给出每张人脸的质量分（0 到 100，分数越高越不易认错）；低于 50 时说明原因（`small` 太小、`blurred` 模糊、`dark` 太暗、`glaring` 过曝、`turned` 转向一侧、`covered` 被遮挡），例如 `83, 31; blurred, -`。服务器可设置为拒绝低分人脸（`--enrol-quality-min`，错误码 -1103）。',
  'identify and multidentify return in the header `x-search` where the faces were searched: in `memory`, or in the `database` where there is no room in memory, or not yet. The answer is the same.':
    'identify 和 multidentify 在响应头 `x-search` 中说明人脸在何处搜索：`memory`（内存），或在内存容不下、尚未载入时的 `database`（数据库）。结果相同。',
  'Fields that an endpoint does not know are ignored.': '接口不认识的字段会被忽略。',
  'Codes of every endpoint': '所有接口的错误码',
  'Any call may be refused with these; each endpoint lists its own below. [All codes](errors.md) are explained on a page of their own, with what to do about them.':
    '任何调用都可能返回下列错误码；各接口特有的错误码列在各自的说明中。全部错误码及处理办法见[错误码](errors.md)。',
  'Codes of pictures': '图片的错误码',
  'Any call that carries a picture may be refused with these, too.': '带有图片的调用还可能返回下列错误码。',
  'A call counts for the products {names}.': '每次调用计入产品：{names}。',
  Request: '请求',
  text: '字符串',
  yes: '是',
  'The appid that signed; a JSON number counts as its decimal digits, and the spelling `APPID` is accepted, too.':
    '签名所用的 appid；JSON 数字按其十进制数字处理，也接受 `APPID` 的写法。',
  'list of {type}': '{type}的列表',
  'The groups to join; those that do not exist are created.': '要加入的组；不存在的组会自动创建。',
  "The person's id.": '个体 ID。',
  no: '否',
  "The person's name.": '个体的名字。',
  'Any remark.': '备注。',
  'this or {other}': '与 {other} 二选一',
  'Where the picture can be fetched. If it is given, the bytes are ignored.':
    '图片的下载地址。给出 url 后，图片内容不再使用。',
  bytes: '二进制',
  'The bytes of the picture; in JSON as base64.': '图片内容；在 JSON 中用 base64 编码。',
  field: '字段',
  type: '类型',
  required: '必填',
  meaning: '说明',
  'Answer (`data`)': '应答（`data`）',
  "The request's own id, also in `x-request-id` and in the log.":
    '本次请求的 ID，与 `x-request-id` 头部和日志中的相同。',
  integer: '整数',
  'Besides, those [of pictures](#{anchor}).': '此外还有[图片的错误码](#{anchor})。',
  'Example as JSON': 'JSON 示例',
  'Example as a form': '表单示例',
  'Example with curl': 'curl 示例',
  'Its answer': '应答示例',
  'Calls are counted, never charged.': '调用只计数，不计费。',
  'The faces to erase; those that are not the person’s are ignored.': '要删除的人脸；不属于该个体的会被跳过。',
  'The group.': '组 ID。',
  'The face.': '人脸 ID。',
  object: '对象',
  'The id of the face, 19 decimal digits.': '人脸 ID，19 位十进制数字。',
  "The box's left edge in pixels of the upright picture.": '人脸框左边缘，以转正后图片的像素为单位。',
  "The box's top edge in pixels of the upright picture.": '人脸框上边缘，以转正后图片的像素为单位。',
  "The box's width in pixels.": '人脸框宽度，单位为像素。',
  number: '浮点数',
  "The box's height in pixels.": '人脸框高度，单位为像素。',
  '0 female to 100 male.': '性别：0（女）至 100（男）。',
  'Years.': '年龄，单位为岁。',
  '0 normal, 50 smile, 100 laugh.': '表情：0 正常，50 微笑，100 大笑。',
  'Whether glasses are worn; sunglasses count.': '是否戴眼镜；太阳镜也算。',
  boolean: '布尔值',
  'Degrees; positive with the chin up.': '上下俯仰的角度；抬头为正。',
  "Degrees; positive with the nose to the picture's right.": '左右偏转的角度；鼻子朝图片右侧为正。',
  'Degrees; positive clockwise in the picture.': '平面内旋转的角度；在图片中顺时针为正。',
  'The groups to join.': '要加入的组。',
  'The groups to leave; those that the person is not in are ignored.': '要离开的组；个体本不在其中的会被跳过。',
  'Finds the faces of a picture; the five largest have every attribute, further ones only their position.':
    '检测图片中的人脸；最大的五张带全部属性，其余只有位置。',
  'Traces the contours of the faces of a picture, of the five largest at most.':
    '五官定位：给出图片中人脸的轮廓点，最多五张最大的人脸。',
  'Compares the largest faces of two pictures: a similarity from 0 to 100.':
    '比较两张图片中最大的人脸，给出 0 到 100 的相似度。',
  'Verifies whether the largest face of a picture belongs to a person, by all faces of the person.':
    '人脸验证：用个体的全部人脸，判断图片中最大的人脸是否属于该个体。',
  'How many groups were joined.': '成功加入的组数。',
  'How many faces were stored: 1.': '成功加入的人脸数，固定为 1。',
  'The groups joined, each once.': '所加入的组，各出现一次。',
  'How many persons were erased: 1.': '删除的个体数，固定为 1。',
  'How many faces were stored.': '成功加入的人脸数。',
  'One for each picture, in the order sent: the new face, the face that it almost equals, or an empty text.':
    '每张图片一个，与发送顺序一致：新人脸的 ID、与之几乎相同的已有人脸的 ID，或空字符串。',
  'One for each picture, in the order sent: 0 or the code of its refusal.':
    '每张图片一个，与发送顺序一致：0 或该图片的错误码。',
  'How many faces were erased.': '删除的人脸数。',
  'The faces that were erased.': '被删除的人脸。',
  'Empty if it was never set.': '从未设置过则为空。',
  'The faces of the person, in order of creation.': '该个体的人脸，按创建顺序。',
  'The groups of the person, in the order of joining.': '该个体所在的组，按加入顺序。',
  'The groups, in order of creation.': '所有组，按创建顺序。',
  'The persons, in the order in which they joined.': '组内个体，按加入顺序。',
  'The faces, in order of creation.': '人脸，按创建顺序。',
  'Its attributes.': '该人脸的识别结果。',
  'How many groups were new to the person.': '新加入的组数。',
  'All groups of the person now.': '该个体当前所在的全部组。',
  'How many groups were left.': '移出的组数。',
  '0 for all faces (the default), 1 for the largest only.': '0 表示全部人脸（默认），1 表示只取最大的人脸。',
  'Width of the upright picture in pixels.': '图片转正后的宽度，单位像素。',
  'Height of the upright picture in pixels.': '图片转正后的高度，单位像素。',
  'The faces, largest first; nothing is stored under their ids.':
    '人脸，从大到小排列；这里的 face_id 不对应任何已保存的人脸。',
  or: '或',
  'The contours of the faces, largest first.': '人脸轮廓，按人脸从大到小排列。',
  'From the left ear over the chin to the right ear.': '从左耳经下巴到右耳。',
  'Outer corner, lower edge, back along the upper.': '从外角起，沿下缘，再沿上缘返回。',
  '12 outer points from the left corner along the lower lip, then 10 inner ones.':
    '外轮廓 12 点，从左嘴角起沿下唇一周；然后是内轮廓 10 点。',
  'The tip first.': '鼻尖在前。',
  '0 to 100. One pair of strangers in a thousand, ten thousand and a hundred thousand reaches 70, 80 and 90; 99 and more is almost the same picture.':
    '0 到 100。陌生人两两比较，达到 70、80、90 分的分别约为千分之一、万分之一、十万分之一；99 分及以上几乎是同一张图片。',
  'On failure only: the picture at fault.': '仅在失败时返回：出错的是第几张图片。',
  'Whether the confidence is 75 or more.': '置信度是否达到 75。',
  'Finds the persons of some groups whom the largest face of a picture resembles most.':
    '人脸检索：在若干组中查找与图片中最大的人脸相似的个体。',
  'Finds the persons of some groups whom each face of a picture resembles most, for the 50 largest faces at most.':
    '多脸检索：对图片中的每张人脸（最多取最大的 50 张），在若干组中查找与之相似的个体。',
  'A group to search.': '要检索的组。',
  'Groups to search together, with `group_id` if both are given; groups that no longer exist are ignored.':
    '要一并检索的若干组；同时给出 `group_id` 时取并集；已不存在的组会被跳过。',
  'The persons whom the face resembles most, best first, each with the nearest face; no threshold is applied.':
    '与该人脸最相似的个体，按置信度从高到低排列，各给出其最相似的一张人脸；不设阈值。',
  "The face's tag; empty if it was never set.": '该人脸的备注；从未设置过则为空。',
  "Sent back in place of the request's own id.": '在应答中原样返回，代替本次请求的 ID。',
  "The one that was sent, otherwise the request's own id.": '请求中给出的 session_id；未给出时为本次请求的 ID。',
  'The faces, largest first.': '各张人脸，从大到小排列。',
};
