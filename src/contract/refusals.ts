/** The answer to each refusal: code, HTTP status and message; and for the documents its cause and what to do. */
import type { Refusal, RefusalName } from '../errors/refusals.ts';

/** One refusal as it is sent to clients. */
export interface RefusalRow {
  /** The envelope's `code`. */
  readonly code: number;
  /** The HTTP status: 200 for every negative code, else as docs/contract.md §1 says. */
  readonly status: number;
  /** The constant text that opens the envelope's `message`. */
  readonly message: string;
  /** When it is given. */
  readonly when: string;
  /** What the caller can do about it. */
  readonly mend: string;
}

/** The table, complete by its type. Names are ours; numbers and messages are those of docs/contract.md §4. */
export const refusals = {
  invalidRequest: {
    code: 3,
    status: 400,
    message: 'invalid request',
    when: 'The body cannot be parsed, its content type is neither JSON nor multipart, or a multipart body has no boundary.',
    mend: 'Send a JSON object or a multipart form whose `Content-Type` names its boundary; most HTTP libraries set that header themselves if you leave it alone.',
  },
  unknownPath: {
    code: 3,
    status: 404,
    message: 'invalid request',
    when: 'There is no endpoint at this path.',
    mend: "Check the path: `/face/` and the endpoint's name, in lower case.",
  },
  wrongMethod: {
    code: 3,
    status: 405,
    message: 'invalid request',
    when: 'The endpoint takes POST only.',
    mend: 'Send a POST request.',
  },
  signatureEmpty: {
    code: 4,
    status: 400,
    message: 'has no sign or sign is empty',
    when: 'The Authorization header is missing or blank.',
    mend: 'Send the signature as the whole value of the `Authorization` header, and check that no proxy on the way removes it.',
  },
  signatureMalformed: {
    code: 5,
    status: 400,
    message: 'sign is malformed',
    when: 'The signature is not base64, is too short, lacks a required field, carries a time that is not decimal, is single-use without a file, is valid for more than 90 days, or was made more than 900 seconds in the future.',
    mend: 'Compare what you sign with the format of the signature; the message says which part is wrong. If it says that `t` is in the future, set your clock.',
  },
  targetMismatch: {
    code: 6,
    status: 400,
    message: 'sign does not match the target',
    when: "The body's appid or bucket is not the one that was signed.",
    mend: 'Sign with the appid, and the bucket, that you put into the body; or leave the bucket out of both.',
  },
  signatureExpired: {
    code: 9,
    status: 400,
    message: 'sign has expired',
    when: 'The signature is past its `e`; or it is a single-use one (`e=0`) and was made more than 90 days ago.',
    mend: 'Make a new signature. If it is new, set your clock: `e` must be in the future.',
  },
  appidUnknown: {
    code: 10,
    status: 400,
    message: 'appid does not exist',
    when: 'No such appid is registered here.',
    mend: 'Check the `a` that you sign; `familiar keys list` shows the appids of this installation.',
  },
  secretIdUnknown: {
    code: 11,
    status: 400,
    message: 'secretid does not exist',
    when: 'No such SecretId is registered here, or its key has been revoked or has expired.',
    mend: 'Check the `k` that you sign; `familiar keys list` shows the keys, `familiar keys add` makes one.',
  },
  endpointNotAllowed: {
    code: 11,
    status: 400,
    message: 'secretid does not exist',
    when: 'The key is confined to other endpoints; the message says `the key may not call`, and which.',
    mend: 'Sign with another key; `familiar keys show` says what a key may call, `familiar keys set` changes it.',
  },
  secretIdForeign: {
    code: 12,
    status: 400,
    message: 'appid and secretid do not match',
    when: 'The SecretId belongs to another appid.',
    mend: 'Sign with a SecretId of the same appid.',
  },
  signatureReplayed: {
    code: 13,
    status: 400,
    message: 'sign was used before',
    when: 'A single-use signature (`e=0`) was used before.',
    mend: 'Make a new signature for each call, or sign with an `e` in the future: such a signature may be used again.',
  },
  signatureWrong: {
    code: 14,
    status: 400,
    message: 'sign check failed',
    when: 'The HMAC is not the one that the SecretKey gives.',
    mend: 'Check the SecretKey, and that the HMAC is over the same bytes, in the same order, that follow it in the signature.',
  },
  tooManyRequests: {
    code: 15,
    status: 429,
    message: 'too many requests',
    when: 'There is no room for the call now: the appid calls too often or has too much in flight, pictures would wait too long, the memory for bodies is full, or the body comes too slowly; or the appid has used up its pictures of the month, or keeps as many persons, faces or bytes as it may. The message says which.',
    mend: "Wait as many seconds as the header `Retry-After` says, then send the same call again. Where the appid keeps as much as it may, delete persons or faces; the server's operator can raise its limits.",
  },
  bucketUnknown: {
    code: 16,
    status: 400,
    message: 'bucket does not exist',
    when: 'The appid declares its buckets, and the signed one is not among them.',
    mend: 'Sign with a bucket of the appid, or with none.',
  },
  parameterInvalid: {
    code: 21,
    status: 400,
    message: 'invalid parameter',
    when: 'A parameter has the wrong type or contains a character that is not allowed.',
    mend: 'Correct the parameter that the message names.',
  },
  bodyTooLarge: {
    code: 23,
    status: 413,
    message: 'request body is too large',
    when: 'A picture is over 1.5 MB or the body is over 32 MB (both settable).',
    mend: "Scale the picture down, or send fewer pictures in a call; the server's operator can raise the limits.",
  },
  keyStoreFailed: {
    code: 107,
    status: 503,
    message: 'auth service error',
    when: 'The key store failed.',
    mend: "Send the call again later; the server's operator finds the cause in its log, or with `familiar doctor`.",
  },
  keyStoreUnavailable: {
    code: 108,
    status: 503,
    message: 'auth service unavailable',
    when: 'The key store did not answer in time.',
    mend: 'Send the call again after some seconds.',
  },
  unavailable: {
    code: 108,
    status: 503,
    message: 'auth service unavailable',
    when: 'The networks are loading, no search can be made, or the server is shutting down; the message says which.',
    mend: 'Send the call again after some seconds.',
  },
  internal: {
    code: 213,
    status: 500,
    message: 'internal error',
    when: "An unexpected error; the server's log has the cause under the request's id.",
    mend: "Report the `x-request-id` to the server's operator.",
  },
  noFace: {
    code: -1101,
    status: 200,
    message: 'SDK_IMAGE_FACEDETECT_FAILED',
    when: 'No face was found in the picture.',
    mend: 'Use a picture in which a face is upright, well lit and not too small.',
  },
  decodeFailed: {
    code: -1102,
    status: 200,
    message: 'SDK_IMAGE_DECODE_FAILED',
    when: 'The picture is of a known format but cannot be decoded: cut off, corrupt, or too many pixels; or it takes longer than `--picture-timeout-ms`.',
    mend: 'Save the picture again, or scale it down, and send it again.',
  },
  featureFailed: {
    code: -1103,
    status: 200,
    message: 'SDK_FEAT_PROCESSFAILED',
    when: "The embedding network failed, or the quality of the face is below the server's minimum (`--enrol-quality-min`).",
    mend: 'Try another picture: a larger, sharper face that is well lit and looks into the camera. Report the `x-request-id` if the message has no quality.',
  },
  shapeFailed: {
    code: -1104,
    status: 200,
    message: 'SDK_FACE_SHAPE_FAILED',
    when: 'The landmark network failed.',
    mend: 'Try another picture; report the `x-request-id` if it happens again.',
  },
  genderFailed: {
    code: -1105,
    status: 200,
    message: 'SDK_FACE_GENDER_FAILED',
    when: 'The gender network failed.',
    mend: 'Try another picture; report the `x-request-id` if it happens again.',
  },
  expressionFailed: {
    code: -1106,
    status: 200,
    message: 'SDK_FACE_EXPRESSION_FAILED',
    when: 'The expression network failed.',
    mend: 'Try another picture; report the `x-request-id` if it happens again.',
  },
  ageFailed: {
    code: -1107,
    status: 200,
    message: 'SDK_FACE_AGE_FAILED',
    when: 'The age network failed.',
    mend: 'Try another picture; report the `x-request-id` if it happens again.',
  },
  poseFailed: {
    code: -1108,
    status: 200,
    message: 'SDK_FACE_POSE_FAILED',
    when: 'The pose could not be computed from the landmarks.',
    mend: 'Try another picture; report the `x-request-id` if it happens again.',
  },
  glassFailed: {
    code: -1109,
    status: 200,
    message: 'SDK_FACE_GLASS_FAILED',
    when: 'The glasses classifier failed.',
    mend: 'Try another picture; report the `x-request-id` if it happens again.',
  },
  storageFailed: {
    code: -1200,
    status: 200,
    message: 'STORAGE_ERROR',
    when: 'The feature could not be stored.',
    mend: "Send the call again later; the server's operator should check the disk.",
  },
  pictureMissing: {
    code: -1300,
    status: 200,
    message: 'ERROR_IMAGE_EMPTY',
    when: 'There is no picture in the request, or it is empty.',
    mend: "Send a picture's bytes or its url, in the fields that the endpoint's page names.",
  },
  parameterMissing: {
    code: -1301,
    status: 200,
    message: 'ERROR_PARAMETER_EMPTY',
    when: 'A required parameter is missing or empty.',
    mend: 'Send the parameter that the message names.',
  },
  personExists: {
    code: -1302,
    status: 200,
    message: 'ERROR_PERSON_EXISTED',
    when: 'A person with this id exists; nothing was changed.',
    mend: 'Choose another `person_id`, add faces to that person with addface, or delete it first.',
  },
  personUnknown: {
    code: -1303,
    status: 200,
    message: 'ERROR_PERSON_NOT_EXISTED',
    when: 'There is no such person.',
    mend: 'Check the `person_id`; newperson creates persons.',
  },
  parameterTooLong: {
    code: -1304,
    status: 200,
    message: 'ERROR_PARAMETER_TOO_LONG',
    when: 'An id is over 128 bytes of UTF-8, or a name or tag over 255 characters.',
    mend: 'Shorten the parameter that the message names.',
  },
  faceUnknown: {
    code: -1305,
    status: 200,
    message: 'ERROR_FACE_NOT_EXISTED',
    when: 'There is no such face, or none of the faces named belongs to the person.',
    mend: 'Check the ids; getfaceids lists those of a person.',
  },
  groupUnknown: {
    code: -1306,
    status: 200,
    message: 'ERROR_GROUP_NOT_EXISTED',
    when: 'There is no such group.',
    mend: 'Check the `group_id`; getgroupids lists the groups. A group ends with its last member.',
  },
  noGroups: {
    code: -1307,
    status: 200,
    message: 'ERROR_GROUPLIST_NOT_EXISTED',
    when: 'The appid has no groups.',
    mend: 'Nothing is wrong: there are no groups until newperson creates the first.',
  },
  downloadFailed: {
    code: -1308,
    status: 200,
    message: 'ERROR_DOWNLOAD_IMAGE_FAILED',
    when: 'The url could not be fetched: refused, unreachable, answered with a status of 400 or more, timed out, or at an address that is not allowed.',
    mend: "Open the url yourself. If it leads to a private address, the server's operator must allow the host (`--allow-url-host`); or send the picture's bytes.",
  },
  tooManyFaces: {
    code: -1309,
    status: 200,
    message: 'ERROR_FACE_NUM_EXCEED',
    when: 'The person would have more than 20 faces (settable), or the call carries more than 20 pictures.',
    mend: 'Delete faces of the person with delface, or send fewer pictures.',
  },
  tooManyPersons: {
    code: -1310,
    status: 200,
    message: 'ERROR_PERSON_NUM_EXCEED',
    when: 'The group would have more than 20,000 persons (settable).',
    mend: "Use another group, or delete persons; the server's operator can raise the limit.",
  },
  tooManyGroups: {
    code: -1311,
    status: 200,
    message: 'ERROR_GROUP_NUM_EXCEED',
    when: 'The appid would have more than 5,000 groups (settable).',
    mend: "Use the groups that there are; the server's operator can raise the limit.",
  },
  sameFace: {
    code: -1312,
    status: 200,
    message: 'ERROR_SAME_FACE_ADDED',
    when: 'Almost the same face is already there.',
    mend: 'Nothing needs to be done: the id beside the code is that of the face already there.',
  },
  resemblesOther: {
    code: -1313,
    status: 200,
    message: 'ERROR_FACE_RESEMBLES_OTHER',
    when: 'The face resembles another person of the appid, which refuses such faces (`familiar tenants set --resembling refuse`). The header `x-face-resembles` has the score.',
    mend: 'Find out who it is with identify; add the picture to that person, or have the server’s operator take the setting away.',
  },
  formatInvalid: {
    code: -1400,
    status: 200,
    message: 'ERROR_IMAGE_FORMAT_INVALID',
    when: 'The data is not a JPEG, PNG, BMP, WebP or single-frame GIF.',
    mend: 'Convert the picture to JPEG or PNG.',
  },
  downloadBroken: {
    code: -1403,
    status: 200,
    message: 'ERROR_IMAGE_DOWNLOAD_FAILED',
    when: 'The download broke off, or is over the size limit.',
    mend: 'Send the call again; if it happens again, make the picture smaller or send its bytes.',
  },
} as const satisfies Readonly<Record<RefusalName, RefusalRow>>;

/** The message of a refusal as a client reads it: the constant of its row, and the particulars if there are any. */
export function messageOf({ refusal, detail }: Refusal): string {
  const { message } = refusals[refusal];
  return detail === '' ? message : `${message} ${detail}`;
}
