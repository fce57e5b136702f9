/**
 * Every reason for which a call is refused, and the error that carries one. How clients are answered:
 * `contract/refusals.ts`.
 */

/** The reasons. */
export const refusalNames = [
  'invalidRequest',
  'unknownPath',
  'wrongMethod',
  'signatureEmpty',
  'signatureMalformed',
  'targetMismatch',
  'signatureExpired',
  'appidUnknown',
  'secretIdUnknown',
  'secretIdForeign',
  'signatureReplayed',
  'signatureWrong',
  'tooManyRequests',
  'bucketUnknown',
  'endpointNotAllowed',
  'parameterInvalid',
  'bodyTooLarge',
  'keyStoreFailed',
  'keyStoreUnavailable',
  'unavailable',
  'internal',
  'noFace',
  'decodeFailed',
  'featureFailed',
  'shapeFailed',
  'genderFailed',
  'expressionFailed',
  'ageFailed',
  'poseFailed',
  'glassFailed',
  'storageFailed',
  'pictureMissing',
  'parameterMissing',
  'personExists',
  'personUnknown',
  'parameterTooLong',
  'faceUnknown',
  'groupUnknown',
  'noGroups',
  'downloadFailed',
  'tooManyFaces',
  'tooManyPersons',
  'tooManyGroups',
  'sameFace',
  'resemblesOther',
  'formatInvalid',
  'downloadBroken',
] as const;

/** The name of a reason. */
export type RefusalName = (typeof refusalNames)[number];

/** The refusals that are not the caller's doing: the log holds their cause. */
export const faults: ReadonlySet<RefusalName> = new Set<RefusalName>([
  'keyStoreFailed',
  'internal',
  'featureFailed',
  'shapeFailed',
  'genderFailed',
  'expressionFailed',
  'ageFailed',
  'poseFailed',
  'glassFailed',
  'storageFailed',
]);

/** What a refusal may carry. */
export interface RefusalOptions extends ErrorOptions {
  /** As {@link Refusal.data}. */
  readonly data?: object | undefined;
  /** As {@link Refusal.retryAfterSeconds}. */
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * A call is refused. Thrown wherever the request ends; what is part of an answer (addface's code for each picture) is returned
 * instead. Anything else that is thrown is a bug, and refused as `internal`.
 */
export class Refusal extends Error {
  /** The reason. */
  readonly refusal: RefusalName;
  /** Particulars that help the caller and may be shown to anybody; empty if there are none. */
  readonly detail: string;
  /** What the answer carries besides, where docs/contract.md §3.2 names it: compare's `fail_flag`. */
  readonly data: object | undefined;

  /** When it is worth trying again, in whole seconds from now; undefined if that cannot be said. */
  readonly retryAfterSeconds: number | undefined;

  constructor(refusal: RefusalName, detail = '', options?: RefusalOptions) {
    super(detail === '' ? refusal : `${refusal}: ${detail}`, options);
    this.name = 'Refusal';
    this.refusal = refusal;
    this.detail = detail;
    this.data = options?.data;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}
