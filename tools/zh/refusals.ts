/** The Chinese texts of the refusals: when each is given, and what to do about it. */

/** English text to Chinese text. */
export const chineseRefusals: Readonly<Record<string, string>> = {
  'The body cannot be parsed, its content type is neither JSON nor multipart, or a multipart body has no boundary.':
    '请求体无法解析；或 `Content-Type` 既不是 JSON 也不是 multipart；或 multipart 没有 boundary。',
  'Send a JSON object or a multipart form whose `Content-Type` names its boundary; most HTTP libraries set that header themselves if you leave it alone.':
    '请发送 JSON 对象，或 `Content-Type` 中带有 boundary 的 multipart 表单；多数 HTTP 库会自动设置这个头部，不要手工覆盖。',
  'There is no endpoint at this path.': '该路径下没有接口。',
  "Check the path: `/face/` and the endpoint's name, in lower case.": '检查路径：`/face/` 加接口名，全部小写。',
  'The endpoint takes POST only.': '接口只接受 POST。',
  'Send a POST request.': '改用 POST 请求。',
  'The Authorization header is missing or blank.': '缺少 Authorization 头部，或其值为空。',
  'Send the signature as the whole value of the `Authorization` header, and check that no proxy on the way removes it.':
    '把签名作为 `Authorization` 头部的完整值发送，并确认途中的代理没有去掉它。',
  'The signature is not base64, is too short, lacks a required field, carries a time that is not decimal, is single-use without a file, is valid for more than 90 days, or was made more than 900 seconds in the future.':
    '签名不是 base64、长度太短、缺少必需字段、时间不是十进制数、单次签名没有 `f`、有效期超过 90 天，或签发时间超前服务器时间 900 秒以上。',
  'Compare what you sign with the format of the signature; the message says which part is wrong. If it says that `t` is in the future, set your clock.':
    '对照签名格式检查签名原文，message 会指出出错的部分。如果提示 `t` 在未来，请校准本机时钟。',
  "The body's appid or bucket is not the one that was signed.": '请求体中的 appid 或 bucket 与签名中的不一致。',
  'Sign with the appid, and the bucket, that you put into the body; or leave the bucket out of both.':
    '签名与请求体使用相同的 appid 和 bucket；或两处都不写 bucket。',
  'The signature is past its `e`; or it is a single-use one (`e=0`) and was made more than 90 days ago.':
    '签名已超过 `e` 指定的时间；或为单次签名（`e=0`），且生成已超过 90 天。',
  'Make a new signature. If it is new, set your clock: `e` must be in the future.':
    '重新生成签名。如果签名是刚生成的，请校准时钟：`e` 必须晚于当前时间。',
  'No such appid is registered here.': '本服务没有登记该 appid。',
  'Check the `a` that you sign; `familiar keys list` shows the appids of this installation.':
    '检查签名中的 `a`；`familiar keys list` 会列出本服务的 appid。',
  'No such SecretId is registered here, or its key has been revoked or has expired.':
    '本服务没有登记该 SecretId，或其密钥已被吊销或已过期。',
  'The key is confined to other endpoints; the message says `the key may not call`, and which.':
    '该密钥只能调用其他接口；message 中有 `the key may not call` 和接口名。',
  'Sign with another key; `familiar keys show` says what a key may call, `familiar keys set` changes it.':
    '换用另一个密钥签名；`familiar keys show` 显示密钥可以调用哪些接口，`familiar keys set` 可以修改。',
  'Check the `k` that you sign; `familiar keys list` shows the keys, `familiar keys add` makes one.':
    '检查签名中的 `k`；`familiar keys list` 列出密钥，`familiar keys add` 新建密钥。',
  'The SecretId belongs to another appid.': '该 SecretId 属于另一个 appid。',
  'Sign with a SecretId of the same appid.': '使用同一 appid 的 SecretId 签名。',
  'A single-use signature (`e=0`) was used before.': '单次签名（`e=0`）已经用过。',
  'Make a new signature for each call, or sign with an `e` in the future: such a signature may be used again.':
    '每次调用都重新生成签名；或把 `e` 设为未来的时间，这样的签名可以重复使用。',
  'The HMAC is not the one that the SecretKey gives.': 'HMAC 与用 SecretKey 计算的结果不一致。',
  'Check the SecretKey, and that the HMAC is over the same bytes, in the same order, that follow it in the signature.':
    '检查 SecretKey；并确认计算 HMAC 的字节与签名中 HMAC 之后的字节完全相同、顺序一致。',
  'There is no room for the call now: the appid calls too often or has too much in flight, pictures would wait too long, the memory for bodies is full, or the body comes too slowly; or the appid has used up its pictures of the month, or keeps as many persons, faces or bytes as it may. The message says which.':
    '目前无法处理该请求：该 appid 调用过于频繁或同时进行的请求过多，图片需要等待太久，存放请求体的内存已满，或请求体发送过慢；或该 appid 本月的图片数已用完，或其个体数、人脸数、字节数已达上限。具体原因见 message。',
  "Wait as many seconds as the header `Retry-After` says, then send the same call again. Where the appid keeps as much as it may, delete persons or faces; the server's operator can raise its limits.":
    '等待 `Retry-After` 头部给出的秒数后，重新发送同样的请求。如果该 appid 的存量已达上限，请删除一些个体或人脸；服务器管理员可以调高上限。',
  'The appid declares its buckets, and the signed one is not among them.':
    '该 appid 声明了自己的 bucket，而签名中的 bucket 不在其中。',
  'Sign with a bucket of the appid, or with none.': '使用该 appid 的 bucket 签名，或不写 bucket。',
  'A parameter has the wrong type or contains a character that is not allowed.': '参数类型错误，或含有不允许的字符。',
  'Correct the parameter that the message names.': '改正 message 中指出的参数。',
  'A picture is over 1.5 MB or the body is over 32 MB (both settable).':
    '图片超过 1.5 MB，或请求体超过 32 MB（均可配置）。',
  "Scale the picture down, or send fewer pictures in a call; the server's operator can raise the limits.":
    '缩小图片，或减少一次请求中的图片数量；服务器管理员可以调高上限。',
  'The key store failed.': '密钥存储出错。',
  "Send the call again later; the server's operator finds the cause in its log, or with `familiar doctor`.":
    '稍后重试；服务器管理员可在日志中查到原因，或运行 `familiar doctor`。',
  'The key store did not answer in time.': '密钥存储未能及时响应。',
  'The networks are loading, no search can be made, or the server is shutting down; the message says which.':
    '神经网络正在加载、暂时无法搜索，或服务器正在关闭；消息会说明是哪一种。',
  'Send the call again after some seconds.': '几秒后重试。',
  "An unexpected error; the server's log has the cause under the request's id.":
    '发生了意外错误；原因记录在服务器日志中，可按请求 ID 查找。',
  "Report the `x-request-id` to the server's operator.": '把 `x-request-id` 告知服务器管理员。',
  'No face was found in the picture.': '图片中没有检测到人脸。',
  'Use a picture in which a face is upright, well lit and not too small.': '换一张人脸端正、光线充足且不太小的图片。',
  'The picture is of a known format but cannot be decoded: cut off, corrupt, or too many pixels; or it takes longer than `--picture-timeout-ms`.':
    '图片格式可识别，但无法解码：数据不完整、已损坏，或像素过多；或处理时间超过 `--picture-timeout-ms`。',
  'Save the picture again, or scale it down, and send it again.': '重新保存或缩小图片后再发送。',
  "The embedding network failed, or the quality of the face is below the server's minimum (`--enrol-quality-min`).":
    '特征提取网络出错，或人脸质量低于服务器的要求（`--enrol-quality-min`）。',
  'Try another picture: a larger, sharper face that is well lit and looks into the camera. Report the `x-request-id` if the message has no quality.':
    '请换一张图片：人脸更大、更清晰、光线充足、正对镜头。如果消息中没有给出质量分，请把 `x-request-id` 报告给服务器的管理者。',
  'Try another picture; report the `x-request-id` if it happens again.':
    '换一张图片；如果仍然出错，把 `x-request-id` 告知服务器管理员。',
  'The landmark network failed.': '五官定位网络出错。',
  'The gender network failed.': '性别识别网络出错。',
  'The expression network failed.': '表情识别网络出错。',
  'The age network failed.': '年龄识别网络出错。',
  'The pose could not be computed from the landmarks.': '无法由五官位置计算出姿态。',
  'The glasses classifier failed.': '眼镜识别出错。',
  'The feature could not be stored.': '特征无法保存。',
  "Send the call again later; the server's operator should check the disk.": '稍后重试；服务器管理员应检查磁盘。',
  'There is no picture in the request, or it is empty.': '请求中没有图片，或图片为空。',
  "Send a picture's bytes or its url, in the fields that the endpoint's page names.":
    '按接口说明中的字段名发送图片内容或图片 url。',
  'A required parameter is missing or empty.': '缺少必需的参数，或其值为空。',
  'Send the parameter that the message names.': '补上 message 中指出的参数。',
  'A person with this id exists; nothing was changed.': '该 `person_id` 的个体已存在；未作任何改动。',
  'Choose another `person_id`, add faces to that person with addface, or delete it first.':
    '换一个 `person_id`；或用 addface 给该个体增加人脸；或先删除该个体。',
  'There is no such person.': '个体不存在。',
  'Check the `person_id`; newperson creates persons.': '检查 `person_id`；个体由 newperson 创建。',
  'An id is over 128 bytes of UTF-8, or a name or tag over 255 characters.':
    'ID 超过 128 字节（UTF-8），或名字、备注超过 255 个字符。',
  'Shorten the parameter that the message names.': '缩短 message 中指出的参数。',
  'There is no such face, or none of the faces named belongs to the person.': '人脸不存在，或所列人脸都不属于该个体。',
  'Check the ids; getfaceids lists those of a person.': '检查 face_id；getfaceids 可列出个体的人脸。',
  'There is no such group.': '组不存在。',
  'Check the `group_id`; getgroupids lists the groups. A group ends with its last member.':
    '检查 `group_id`；getgroupids 可列出所有组。最后一个成员离开后，组随之消失。',
  'The appid has no groups.': '该 appid 下没有组。',
  'Nothing is wrong: there are no groups until newperson creates the first.':
    '这不是故障：在 newperson 创建第一个组之前，组列表就是空的。',
  'The url could not be fetched: refused, unreachable, answered with a status of 400 or more, timed out, or at an address that is not allowed.':
    '无法下载该 url：连接被拒绝、无法到达、返回 400 及以上的状态码、超时，或指向不允许访问的地址。',
  "Open the url yourself. If it leads to a private address, the server's operator must allow the host (`--allow-url-host`); or send the picture's bytes.":
    '先自行打开该 url。如果它指向内网地址，需由服务器管理员放行该主机（`--allow-url-host`）；也可以直接发送图片内容。',
  'The person would have more than 20 faces (settable), or the call carries more than 20 pictures.':
    '该个体的人脸将超过 20 张（可配置），或一次请求中的图片超过 20 张。',
  'Delete faces of the person with delface, or send fewer pictures.':
    '用 delface 删除该个体的部分人脸，或减少图片数量。',
  'The group would have more than 20,000 persons (settable).': '该组的个体将超过 20,000 个（可配置）。',
  "Use another group, or delete persons; the server's operator can raise the limit.":
    '换一个组，或删除部分个体；服务器管理员可以调高上限。',
  'The appid would have more than 5,000 groups (settable).': '该 appid 的组将超过 5,000 个（可配置）。',
  "Use the groups that there are; the server's operator can raise the limit.":
    '使用已有的组；服务器管理员可以调高上限。',
  'The face resembles another person of the appid, which refuses such faces (`familiar tenants set --resembling refuse`). The header `x-face-resembles` has the score.':
    '人脸与该应用的另一个体相似，而该应用拒绝此类人脸（`familiar tenants set --resembling refuse`）。响应头 `x-face-resembles` 给出分数。',
  'Find out who it is with identify; add the picture to that person, or have the server’s operator take the setting away.':
    '用 identify 查明是谁，把图片加给该个体；或请服务器管理员取消此设置。',
  'Almost the same face is already there.': '已有几乎相同的人脸。',
  'Nothing needs to be done: the id beside the code is that of the face already there.':
    '无需处理：与该错误码对应的 face_id 就是已有的那张人脸。',
  'The data is not a JPEG, PNG, BMP, WebP or single-frame GIF.': '数据不是 JPEG、PNG、BMP、WebP 或单帧 GIF。',
  'Convert the picture to JPEG or PNG.': '把图片转换为 JPEG 或 PNG。',
  'The download broke off, or is over the size limit.': '下载中断，或超过大小上限。',
  'Send the call again; if it happens again, make the picture smaller or send its bytes.':
    '重试一次；如果仍然失败，请缩小图片或直接发送图片内容。',
};
