/** What tests of the audit look at: lines, chains, and the calls that write them. */
import type { CallWrites } from '../../../src/domain/stores.ts';
import type { AuditLine } from '../../../src/store/audit/reader.ts';
import type { Anchor, CheckedChain } from '../../../src/store/audit/verify.ts';
import type { Stores } from '../../../src/store/open.ts';
import { act, call, type guarantees, type Home, registerWithFace } from '../fixtures.ts';

/** A place whose tables a test may look into, and tamper with. */
export interface OpenHome extends Home {
  ask(text: string): Promise<readonly Record<string, unknown>[]>;
}

/** What a call of an endpoint writes for. */
export function callOf(endpoint: string): CallWrites {
  return {
    call: () => ({ ...call, endpoint }),
    act: () => ({ ...act, action: endpoint, requestId: `request of ${endpoint}` }),
    counted: () => {},
    took: () => {},
  };
}

/** The lines of an appid, the newest first. */
export async function linesOf(stores: Stores, appid = '1001'): Promise<readonly AuditLine[]> {
  return stores.audit.reader.newest({ appid }, 1_000);
}

/** Each line as `newperson persons:p faces:1`; `?` for an id that cannot be told any more. */
export function told(lines: readonly AuditLine[]): readonly string[] {
  return lines.map(({ action, ids }) => {
    const parts = Object.entries(ids).map(([kind, list]) => `${kind}:${list.map(({ id }) => id ?? '?').join(',')}`);
    return [action, ...parts].join(' ');
  });
}

/** The chains, as they are checked. */
export async function verified(stores: Stores, anchors?: readonly Anchor[]): Promise<readonly CheckedChain[]> {
  return Array.fromAsync(stores.audit.reader.verify(anchors));
}

/** Each chain that is broken: `1001 3: why`. */
export async function brokenOf(stores: Stores, anchors?: readonly Anchor[]): Promise<readonly string[]> {
  return (await verified(stores, anchors)).flatMap(({ appid, broken }) =>
    broken === undefined ? [] : `${appid} ${broken.sequence}: ${broken.reason}`,
  );
}

/** Registers persons, and changes one of them until there are so many lines. */
export async function write(stores: Stores, lines: number, appid = '1001'): Promise<void> {
  const store = stores.of(appid, callOf('setinfo'));
  await registerWithFace(store, 'p', 'g', '1');
  for (let i = 1; i < lines; i++) await store.write((store) => store.updatePerson('p', { name: `name ${i}` }));
}

/** Declares a test of one database. */
export type Guarantee = ReturnType<typeof guarantees<OpenHome>>;
