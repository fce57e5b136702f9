/** Which calls have a line of their own in the audit: those that changed nothing, since a change has its line already. */
import type { EndpointName } from '../contract/endpoints.ts';
import type { AskedIds, AuditedCall } from '../domain/stores.ts';
import type { RefusalName } from '../errors/refusals.ts';

/** Besides changes: none of them; those that would have changed something and were refused; or those that only read, too. */
export type AuditLevel = 'changes' | 'refused' | 'reads';

/** The endpoints that change a register. */
const changing: ReadonlySet<EndpointName> = new Set<EndpointName>([
  'newperson',
  'delperson',
  'addface',
  'delface',
  'setinfo',
  'addgroupids',
  'delgroupids',
]);

/** What says nothing of a call: it is to come again, or the server failed. They may be many, when the disk is full too. */
const untold: ReadonlySet<RefusalName> = new Set<RefusalName>([
  'tooManyRequests',
  'unavailable',
  'internal',
  'storageFailed',
  'keyStoreFailed',
  'keyStoreUnavailable',
]);

/** Whether a call says something by how it ended. */
export function mayBeTold(refusal: RefusalName | undefined): boolean {
  return refusal === undefined || !untold.has(refusal);
}

/**
 * What the audit tells of a call that changed nothing; undefined if nothing.
 * @param input what the call asked for, as far as it was read.
 */
export function auditedCall(
  level: AuditLevel,
  endpoint: EndpointName,
  refusal: RefusalName | undefined,
  requestId: string,
  input: object | undefined,
): AuditedCall | undefined {
  if (level === 'changes' || !mayBeTold(refusal)) return undefined;
  if (level === 'refused' && (refusal === undefined || !changing.has(endpoint))) return undefined;
  return { requestId, ids: idsIn(input) };
}

/** The fields that hold ids have the same names in every endpoint. */
interface FieldsOfIds {
  readonly person_id?: string;
  readonly face_id?: string;
  readonly face_ids?: readonly string[];
  readonly group_id?: string;
  readonly group_ids?: readonly string[];
}

function idsIn(input: FieldsOfIds = {}): AskedIds {
  const { person_id: person, face_id: face, face_ids: faces = [], group_id: group, group_ids: groups = [] } = input;
  return {
    persons: person === undefined ? [] : [person],
    faces: face === undefined ? faces : [face, ...faces],
    groups: group === undefined ? groups : [group, ...groups],
  };
}
