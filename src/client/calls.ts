/** The calls of the client and their answers. Generated from the declarations by `npm run generate`. */
import type { Picture } from './body.ts';
import type { CallOptions } from './options.ts';

/** What {@link Client.newperson} is given. */
export interface NewpersonInput {
  /** The groups to join; those that do not exist are created. */
  readonly group_ids: readonly string[];
  /** The person's id. */
  readonly person_id: string;
  /** The person's name. */
  readonly person_name?: string | undefined;
  /** Any remark. */
  readonly tag?: string | undefined;
  /** The picture: its url or its bytes. */
  readonly picture: Picture;
}

/** What {@link Client.delperson} is given. */
export interface DelpersonInput {
  /** The person's id. */
  readonly person_id: string;
}

/** What {@link Client.addface} is given. */
export interface AddfaceInput {
  /** The person's id. */
  readonly person_id: string;
  /** Any remark. */
  readonly tag?: string | undefined;
  /** The pictures: all of them urls, or all of them bytes. */
  readonly pictures: readonly Picture[];
}

/** What {@link Client.delface} is given. */
export interface DelfaceInput {
  /** The person's id. */
  readonly person_id: string;
  /** The faces to erase; those that are not the person’s are ignored. */
  readonly face_ids: readonly string[];
}

/** What {@link Client.setinfo} is given. */
export interface SetinfoInput {
  /** The person's id. */
  readonly person_id: string;
  /** The person's name. */
  readonly person_name?: string | undefined;
  /** Any remark. */
  readonly tag?: string | undefined;
}

/** What {@link Client.getinfo} is given. */
export interface GetinfoInput {
  /** The person's id. */
  readonly person_id: string;
}

/** What {@link Client.getgroupids} is given. */
export type GetgroupidsInput = Readonly<Record<string, never>>;

/** What {@link Client.getpersonids} is given. */
export interface GetpersonidsInput {
  /** The group. */
  readonly group_id: string;
}

/** What {@link Client.getfaceids} is given. */
export interface GetfaceidsInput {
  /** The person's id. */
  readonly person_id: string;
}

/** What {@link Client.getfaceinfo} is given. */
export interface GetfaceinfoInput {
  /** The face. */
  readonly face_id: string;
}

/** What {@link Client.addgroupids} is given. */
export interface AddgroupidsInput {
  /** The person's id. */
  readonly person_id: string;
  /** The groups to join. */
  readonly group_ids: readonly string[];
}

/** What {@link Client.delgroupids} is given. */
export interface DelgroupidsInput {
  /** The person's id. */
  readonly person_id: string;
  /** The groups to leave; those that the person is not in are ignored. */
  readonly group_ids: readonly string[];
}

/** What {@link Client.detect} is given. */
export interface DetectInput {
  /** 0 for all faces (the default), 1 for the largest only. */
  readonly mode?: 0 | 1 | undefined;
  /** The picture: its url or its bytes. */
  readonly picture: Picture;
}

/** What {@link Client.shape} is given. */
export interface ShapeInput {
  /** 0 for all faces (the default), 1 for the largest only. */
  readonly mode?: 0 | 1 | undefined;
  /** The picture: its url or its bytes. */
  readonly picture: Picture;
}

/** What {@link Client.compare} is given. */
export interface CompareInput {
  /** The picture: its url or its bytes. */
  readonly first: Picture;
  /** The picture: its url or its bytes. */
  readonly second: Picture;
}

/** What {@link Client.verify} is given. */
export interface VerifyInput {
  /** The person's id. */
  readonly person_id: string;
  /** The picture: its url or its bytes. */
  readonly picture: Picture;
}

/** What {@link Client.identify} is given. */
export interface IdentifyInput {
  /** A group to search. */
  readonly group_id?: string | undefined;
  /** Groups to search together, with `group_id` if both are given; groups that no longer exist are ignored. */
  readonly group_ids?: readonly string[] | undefined;
  /** The picture: its url or its bytes. */
  readonly picture: Picture;
}

/** What {@link Client.multidentify} is given. */
export interface MultidentifyInput {
  /** A group to search. */
  readonly group_id?: string | undefined;
  /** Groups to search together, with `group_id` if both are given; groups that no longer exist are ignored. */
  readonly group_ids?: readonly string[] | undefined;
  /** Sent back in place of the request's own id. */
  readonly session_id?: string | undefined;
  /** The picture: its url or its bytes. */
  readonly picture: Picture;
}

/** What {@link Client.newperson} answers. */
export interface NewpersonOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** How many groups were joined. */
  readonly suc_group: number;
  /** How many faces were stored: 1. */
  readonly suc_face: number;
  /** The person's id. */
  readonly person_id: string;
  /** The id of the face, 19 decimal digits. */
  readonly face_id: string;
  /** The groups joined, each once. */
  readonly group_ids: readonly string[];
}

/** What {@link Client.delperson} answers. */
export interface DelpersonOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** How many persons were erased: 1. */
  readonly deleted: number;
  /** The person's id. */
  readonly person_id: string;
}

/** What {@link Client.addface} answers. */
export interface AddfaceOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** How many faces were stored. */
  readonly added: number;
  /** One for each picture, in the order sent: the new face, the face that it almost equals, or an empty text. */
  readonly face_ids: readonly string[];
  /** One for each picture, in the order sent: 0 or the code of its refusal. */
  readonly ret_codes: readonly number[];
}

/** What {@link Client.delface} answers. */
export interface DelfaceOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** How many faces were erased. */
  readonly deleted: number;
  /** The faces that were erased. */
  readonly face_ids: readonly string[];
}

/** What {@link Client.setinfo} answers. */
export interface SetinfoOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** The person's id. */
  readonly person_id: string;
}

/** What {@link Client.getinfo} answers. */
export interface GetinfoOutput {
  /** Empty if it was never set. */
  readonly person_name: string;
  /** The person's id. */
  readonly person_id: string;
  /** The faces of the person, in order of creation. */
  readonly face_ids: readonly string[];
  /** The groups of the person, in the order of joining. */
  readonly group_ids: readonly string[];
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** Empty if it was never set. */
  readonly tag: string;
}

/** What {@link Client.getgroupids} answers. */
export interface GetgroupidsOutput {
  /** The groups, in order of creation. */
  readonly group_ids: readonly string[];
}

/** What {@link Client.getpersonids} answers. */
export interface GetpersonidsOutput {
  /** The persons, in the order in which they joined. */
  readonly person_ids: readonly string[];
}

/** What {@link Client.getfaceids} answers. */
export interface GetfaceidsOutput {
  /** The faces, in order of creation. */
  readonly face_ids: readonly string[];
}

/** What {@link Client.getfaceinfo} answers. */
export interface GetfaceinfoOutput {
  /** Its attributes. */
  readonly face_info: {
    /** The id of the face, 19 decimal digits. */
    readonly face_id: string;
    /** The box's left edge in pixels of the upright picture. */
    readonly x: number;
    /** The box's top edge in pixels of the upright picture. */
    readonly y: number;
    /** The box's width in pixels. */
    readonly width: number;
    /** The box's height in pixels. */
    readonly height: number;
    /** 0 female to 100 male. */
    readonly gender: number;
    /** Years. */
    readonly age: number;
    /** 0 normal, 50 smile, 100 laugh. */
    readonly expression: number;
    /** Whether glasses are worn; sunglasses count. */
    readonly glass: boolean;
    /** Degrees; positive with the chin up. */
    readonly pitch: number;
    /** Degrees; positive with the nose to the picture's right. */
    readonly yaw: number;
    /** Degrees; positive clockwise in the picture. */
    readonly roll: number;
  };
}

/** What {@link Client.addgroupids} answers. */
export interface AddgroupidsOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** The person's id. */
  readonly person_id: string;
  /** How many groups were new to the person. */
  readonly added: number;
  /** All groups of the person now. */
  readonly group_ids: readonly string[];
}

/** What {@link Client.delgroupids} answers. */
export interface DelgroupidsOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** The person's id. */
  readonly person_id: string;
  /** How many groups were left. */
  readonly deleted: number;
  /** All groups of the person now. */
  readonly group_ids: readonly string[];
}

/** What {@link Client.detect} answers. */
export interface DetectOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** Width of the upright picture in pixels. */
  readonly image_width: number;
  /** Height of the upright picture in pixels. */
  readonly image_height: number;
  /** The faces, largest first; nothing is stored under their ids. */
  readonly face: ReadonlyArray<
    | {
        /** The id of the face, 19 decimal digits. */
        readonly face_id: string;
        /** The box's left edge in pixels of the upright picture. */
        readonly x: number;
        /** The box's top edge in pixels of the upright picture. */
        readonly y: number;
        /** The box's width in pixels. */
        readonly width: number;
        /** The box's height in pixels. */
        readonly height: number;
        /** 0 female to 100 male. */
        readonly gender: number;
        /** Years. */
        readonly age: number;
        /** 0 normal, 50 smile, 100 laugh. */
        readonly expression: number;
        /** Whether glasses are worn; sunglasses count. */
        readonly glass: boolean;
        /** Degrees; positive with the chin up. */
        readonly pitch: number;
        /** Degrees; positive with the nose to the picture's right. */
        readonly yaw: number;
        /** Degrees; positive clockwise in the picture. */
        readonly roll: number;
      }
    | {
        /** The id of the face, 19 decimal digits. */
        readonly face_id: string;
        /** The box's left edge in pixels of the upright picture. */
        readonly x: number;
        /** The box's top edge in pixels of the upright picture. */
        readonly y: number;
        /** The box's width in pixels. */
        readonly width: number;
        /** The box's height in pixels. */
        readonly height: number;
      }
  >;
}

/** What {@link Client.shape} answers. */
export interface ShapeOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** Width of the upright picture in pixels. */
  readonly image_width: number;
  /** Height of the upright picture in pixels. */
  readonly image_height: number;
  /** The contours of the faces, largest first. */
  readonly face_shape: ReadonlyArray<{
    /** From the left ear over the chin to the right ear. */
    readonly face_profile: ReadonlyArray<{
      readonly x: number;
      readonly y: number;
    }>;
    /** Outer corner, lower edge, back along the upper. */
    readonly left_eye: ReadonlyArray<{
      readonly x: number;
      readonly y: number;
    }>;
    /** Outer corner, lower edge, back along the upper. */
    readonly right_eye: ReadonlyArray<{
      readonly x: number;
      readonly y: number;
    }>;
    /** Outer corner, lower edge, back along the upper. */
    readonly left_eyebrow: ReadonlyArray<{
      readonly x: number;
      readonly y: number;
    }>;
    /** Outer corner, lower edge, back along the upper. */
    readonly right_eyebrow: ReadonlyArray<{
      readonly x: number;
      readonly y: number;
    }>;
    /** 12 outer points from the left corner along the lower lip, then 10 inner ones. */
    readonly mouth: ReadonlyArray<{
      readonly x: number;
      readonly y: number;
    }>;
    /** The tip first. */
    readonly nose: ReadonlyArray<{
      readonly x: number;
      readonly y: number;
    }>;
  }>;
}

/** What {@link Client.compare} answers. */
export interface CompareOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** 0 to 100. One pair of strangers in a thousand, ten thousand and a hundred thousand reaches 70, 80 and 90; 99 and more is almost the same picture. */
  readonly similarity: number;
  /** On failure only: the picture at fault. */
  readonly fail_flag?: 1 | 2 | undefined;
}

/** What {@link Client.verify} answers. */
export interface VerifyOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** 0 to 100. One pair of strangers in a thousand, ten thousand and a hundred thousand reaches 70, 80 and 90; 99 and more is almost the same picture. */
  readonly confidence: number;
  /** Whether the confidence is 75 or more. */
  readonly ismatch: boolean;
}

/** What {@link Client.identify} answers. */
export interface IdentifyOutput {
  /** The request's own id, also in `x-request-id` and in the log. */
  readonly session_id: string;
  /** The persons whom the face resembles most, best first, each with the nearest face; no threshold is applied. */
  readonly candidates: ReadonlyArray<{
    /** The person's id. */
    readonly person_id: string;
    /** The id of the face, 19 decimal digits. */
    readonly face_id: string;
    /** 0 to 100. One pair of strangers in a thousand, ten thousand and a hundred thousand reaches 70, 80 and 90; 99 and more is almost the same picture. */
    readonly confidence: number;
    /** The face's tag; empty if it was never set. */
    readonly tag: string;
  }>;
}

/** What {@link Client.multidentify} answers. */
export interface MultidentifyOutput {
  /** The one that was sent, otherwise the request's own id. */
  readonly session_id: string;
  /** The faces, largest first. */
  readonly results: ReadonlyArray<{
    /** The persons whom the face resembles most, best first, each with the nearest face; no threshold is applied. */
    readonly candidates: ReadonlyArray<{
      /** The person's id. */
      readonly person_id: string;
      /** The id of the face, 19 decimal digits. */
      readonly face_id: string;
      /** 0 to 100. One pair of strangers in a thousand, ten thousand and a hundred thousand reaches 70, 80 and 90; 99 and more is almost the same picture. */
      readonly confidence: number;
      /** The face's tag; empty if it was never set. */
      readonly tag: string;
    }>;
    readonly face_rect: {
      /** The box's left edge in pixels of the upright picture. */
      readonly x: number;
      /** The box's top edge in pixels of the upright picture. */
      readonly y: number;
      /** The box's width in pixels. */
      readonly width: number;
      /** The box's height in pixels. */
      readonly height: number;
    };
  }>;
}

/** One method for each endpoint. */
export interface Client {
  /**
   * Creates a person from the largest face of a picture, and the groups that it joins.
   * @throws RefusalError `genderFailed`, `expressionFailed`, `ageFailed`, `poseFailed`, `glassFailed`, `personExists`, `parameterTooLong`, `tooManyPersons`, `tooManyGroups`, `resemblesOther`, what any picture or call may be refused with.
   */
  newperson(input: NewpersonInput, options?: CallOptions): Promise<NewpersonOutput>;
  /**
   * Erases a person with every face, embedding and crop.
   * @throws RefusalError `personUnknown`, `parameterTooLong`, what any call may be refused with.
   */
  delperson(input: DelpersonInput, options?: CallOptions): Promise<DelpersonOutput>;
  /**
   * Adds the largest face of each of up to 20 pictures to a person; each picture has a code of its own.
   * @throws RefusalError `genderFailed`, `expressionFailed`, `ageFailed`, `poseFailed`, `glassFailed`, `personUnknown`, `parameterTooLong`, `tooManyFaces`, `sameFace`, `resemblesOther`, what any picture or call may be refused with.
   */
  addface(input: AddfaceInput, options?: CallOptions): Promise<AddfaceOutput>;
  /**
   * Erases faces of a person, each with its embedding and crop.
   * @throws RefusalError `personUnknown`, `parameterTooLong`, `faceUnknown`, what any call may be refused with.
   */
  delface(input: DelfaceInput, options?: CallOptions): Promise<DelfaceOutput>;
  /**
   * Changes a person's name or tag; an empty text clears it, an absent one leaves it.
   * @throws RefusalError `personUnknown`, `parameterTooLong`, what any call may be refused with.
   */
  setinfo(input: SetinfoInput, options?: CallOptions): Promise<SetinfoOutput>;
  /**
   * Reads a person: name, tag, faces and groups.
   * @throws RefusalError `personUnknown`, `parameterTooLong`, what any call may be refused with.
   */
  getinfo(input: GetinfoInput, options?: CallOptions): Promise<GetinfoOutput>;
  /**
   * Lists the groups of the appid, in order of creation.
   * @throws RefusalError `noGroups`, what any call may be refused with.
   */
  getgroupids(input?: GetgroupidsInput, options?: CallOptions): Promise<GetgroupidsOutput>;
  /**
   * Lists the persons of a group, in the order in which they joined.
   * @throws RefusalError `parameterTooLong`, `groupUnknown`, what any call may be refused with.
   */
  getpersonids(input: GetpersonidsInput, options?: CallOptions): Promise<GetpersonidsOutput>;
  /**
   * Lists the faces of a person, in order of creation.
   * @throws RefusalError `personUnknown`, `parameterTooLong`, what any call may be refused with.
   */
  getfaceids(input: GetfaceidsInput, options?: CallOptions): Promise<GetfaceidsOutput>;
  /**
   * Reads the attributes of a face as they were when it was added.
   * @throws RefusalError `parameterTooLong`, `faceUnknown`, what any call may be refused with.
   */
  getfaceinfo(input: GetfaceinfoInput, options?: CallOptions): Promise<GetfaceinfoOutput>;
  /**
   * Makes a person a member of groups, all of them or none; those that do not exist are created.
   * @throws RefusalError `personUnknown`, `parameterTooLong`, `tooManyPersons`, `tooManyGroups`, what any call may be refused with.
   */
  addgroupids(input: AddgroupidsInput, options?: CallOptions): Promise<AddgroupidsOutput>;
  /**
   * Ends a person’s membership of groups; a group ends with its last member.
   * @throws RefusalError `personUnknown`, `parameterTooLong`, `groupUnknown`, what any call may be refused with.
   */
  delgroupids(input: DelgroupidsInput, options?: CallOptions): Promise<DelgroupidsOutput>;
  /**
   * Finds the faces of a picture; the five largest have every attribute, further ones only their position.
   * @throws RefusalError `genderFailed`, `expressionFailed`, `ageFailed`, `poseFailed`, `glassFailed`, what any picture or call may be refused with.
   */
  detect(input: DetectInput, options?: CallOptions): Promise<DetectOutput>;
  /**
   * Traces the contours of the faces of a picture, of the five largest at most.
   * @throws RefusalError what any picture or call may be refused with.
   */
  shape(input: ShapeInput, options?: CallOptions): Promise<ShapeOutput>;
  /**
   * Compares the largest faces of two pictures: a similarity from 0 to 100.
   * @throws RefusalError what any picture or call may be refused with.
   */
  compare(input: CompareInput, options?: CallOptions): Promise<CompareOutput>;
  /**
   * Verifies whether the largest face of a picture belongs to a person, by all faces of the person.
   * @throws RefusalError `personUnknown`, `parameterTooLong`, `faceUnknown`, what any picture or call may be refused with.
   */
  verify(input: VerifyInput, options?: CallOptions): Promise<VerifyOutput>;
  /**
   * Finds the persons of some groups whom the largest face of a picture resembles most.
   * @throws RefusalError `parameterTooLong`, `groupUnknown`, `tooManyGroups`, what any picture or call may be refused with.
   */
  identify(input: IdentifyInput, options?: CallOptions): Promise<IdentifyOutput>;
  /**
   * Finds the persons of some groups whom each face of a picture resembles most, for the 50 largest faces at most.
   * @throws RefusalError `parameterTooLong`, `groupUnknown`, `tooManyGroups`, what any picture or call may be refused with.
   */
  multidentify(input: MultidentifyInput, options?: CallOptions): Promise<MultidentifyOutput>;
}

/** The names under which the pictures of each call are sent. */
export const pictures = {
  newperson: { picture: { url: 'url', image: 'image', many: false } },
  delperson: {},
  addface: { pictures: { url: 'urls', image: 'images', many: true } },
  delface: {},
  setinfo: {},
  getinfo: {},
  getgroupids: {},
  getpersonids: {},
  getfaceids: {},
  getfaceinfo: {},
  addgroupids: {},
  delgroupids: {},
  detect: { picture: { url: 'url', image: 'image', many: false } },
  shape: { picture: { url: 'url', image: 'image', many: false } },
  compare: {
    first: { url: 'urlA', image: 'imageA', many: false },
    second: { url: 'urlB', image: 'imageB', many: false },
  },
  verify: { picture: { url: 'url', image: 'image', many: false } },
  identify: { picture: { url: 'url', image: 'image', many: false } },
  multidentify: { picture: { url: 'url', image: 'image', many: false } },
} as const;

/** The code of every refusal. */
export const refusalCodes = {
  /** The body cannot be parsed, its content type is neither JSON nor multipart, or a multipart body has no boundary. */
  invalidRequest: 3,
  /** There is no endpoint at this path. */
  unknownPath: 3,
  /** The endpoint takes POST only. */
  wrongMethod: 3,
  /** The Authorization header is missing or blank. */
  signatureEmpty: 4,
  /** The signature is not base64, is too short, lacks a required field, carries a time that is not decimal, is single-use without a file, is valid for more than 90 days, or was made more than 900 seconds in the future. */
  signatureMalformed: 5,
  /** The body's appid or bucket is not the one that was signed. */
  targetMismatch: 6,
  /** The signature is past its `e`; or it is a single-use one (`e=0`) and was made more than 90 days ago. */
  signatureExpired: 9,
  /** No such appid is registered here. */
  appidUnknown: 10,
  /** No such SecretId is registered here, or its key has been revoked or has expired. */
  secretIdUnknown: 11,
  /** The key is confined to other endpoints; the message says `the key may not call`, and which. */
  endpointNotAllowed: 11,
  /** The SecretId belongs to another appid. */
  secretIdForeign: 12,
  /** A single-use signature (`e=0`) was used before. */
  signatureReplayed: 13,
  /** The HMAC is not the one that the SecretKey gives. */
  signatureWrong: 14,
  /** There is no room for the call now: the appid calls too often or has too much in flight, pictures would wait too long, the memory for bodies is full, or the body comes too slowly; or the appid has used up its pictures of the month, or keeps as many persons, faces or bytes as it may. The message says which. */
  tooManyRequests: 15,
  /** The appid declares its buckets, and the signed one is not among them. */
  bucketUnknown: 16,
  /** A parameter has the wrong type or contains a character that is not allowed. */
  parameterInvalid: 21,
  /** A picture is over 1.5 MB or the body is over 32 MB (both settable). */
  bodyTooLarge: 23,
  /** The key store failed. */
  keyStoreFailed: 107,
  /** The key store did not answer in time. */
  keyStoreUnavailable: 108,
  /** The networks are loading, no search can be made, or the server is shutting down; the message says which. */
  unavailable: 108,
  /** An unexpected error; the server's log has the cause under the request's id. */
  internal: 213,
  /** No face was found in the picture. */
  noFace: -1101,
  /** The picture is of a known format but cannot be decoded: cut off, corrupt, or too many pixels; or it takes longer than `--picture-timeout-ms`. */
  decodeFailed: -1102,
  /** The embedding network failed, or the quality of the face is below the server's minimum (`--enrol-quality-min`). */
  featureFailed: -1103,
  /** The landmark network failed. */
  shapeFailed: -1104,
  /** The gender network failed. */
  genderFailed: -1105,
  /** The expression network failed. */
  expressionFailed: -1106,
  /** The age network failed. */
  ageFailed: -1107,
  /** The pose could not be computed from the landmarks. */
  poseFailed: -1108,
  /** The glasses classifier failed. */
  glassFailed: -1109,
  /** The feature could not be stored. */
  storageFailed: -1200,
  /** There is no picture in the request, or it is empty. */
  pictureMissing: -1300,
  /** A required parameter is missing or empty. */
  parameterMissing: -1301,
  /** A person with this id exists; nothing was changed. */
  personExists: -1302,
  /** There is no such person. */
  personUnknown: -1303,
  /** An id is over 128 bytes of UTF-8, or a name or tag over 255 characters. */
  parameterTooLong: -1304,
  /** There is no such face, or none of the faces named belongs to the person. */
  faceUnknown: -1305,
  /** There is no such group. */
  groupUnknown: -1306,
  /** The appid has no groups. */
  noGroups: -1307,
  /** The url could not be fetched: refused, unreachable, answered with a status of 400 or more, timed out, or at an address that is not allowed. */
  downloadFailed: -1308,
  /** The person would have more than 20 faces (settable), or the call carries more than 20 pictures. */
  tooManyFaces: -1309,
  /** The group would have more than 20,000 persons (settable). */
  tooManyPersons: -1310,
  /** The appid would have more than 5,000 groups (settable). */
  tooManyGroups: -1311,
  /** Almost the same face is already there. */
  sameFace: -1312,
  /** The face resembles another person of the appid, which refuses such faces (`familiar tenants set --resembling refuse`). The header `x-face-resembles` has the score. */
  resemblesOther: -1313,
  /** The data is not a JPEG, PNG, BMP, WebP or single-frame GIF. */
  formatInvalid: -1400,
  /** The download broke off, or is over the size limit. */
  downloadBroken: -1403,
} as const;
