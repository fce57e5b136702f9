/** The operator's API: checks of registers, and persons who were not seen for long. */
import type { OperationHandlers } from '../../../http/admin/api.ts';
import type { LimitSettings } from '../../caller-limits.ts';
import type { CheckRunner } from '../../check-runner.ts';
import {
  acceptProposal,
  type CheckedStores,
  dismissProposal,
  type Finding,
  listProposals,
  reportCheck,
} from '../check.ts';
import { listDue, type RetentionStores } from '../retention.ts';
import { unknownTenant } from '../tenants.ts';

type Handlers = Pick<OperationHandlers, Extract<keyof OperationHandlers, `check.${string}` | `retention.${string}`>>;

/** @param limits the settings of now. */
export function checkHandlers(
  stores: CheckedStores & RetentionStores,
  limits: () => LimitSettings,
  runner: Pick<CheckRunner, 'begin'>,
): Handlers {
  return {
    'check.run': async ({ appid }) => {
      await runner.begin(appid);
      return {};
    },
    'check.progress': async ({ appid }) => {
      const { run, open } = await reportCheck(stores, appid);
      if (run === undefined) return { state: 'none', done: 0, total: 0, open };
      const { state, beganAt, seenAt, done, total, outcome } = run;
      return { state, beganAt, seenAt, done, total, open, ...(outcome !== undefined && { outcome }) };
    },
    'check.list': async ({ appid, ...query }) => {
      const { proposals, next } = await listProposals(stores, appid, query);
      return {
        proposals: proposals.map(({ id, finding }) => ({ id, finding: copied(finding) })),
        ...(next !== undefined && { next }),
      };
    },
    'check.accept': async ({ appid, id, ...how }) => told(await acceptProposal(stores, limits(), appid, id, how)),
    'check.dismiss': async ({ appid, id }) => told(await dismissProposal(stores, limits(), appid, id)),
    'check.singles': async ({ appid, after, count }) => {
      if ((await stores.tenants.list(appid)).length === 0) throw unknownTenant(appid);
      const persons = [...(await stores.checks.singles(appid, after, count))];
      const next = persons.length < count ? undefined : persons.at(-1);
      return { persons, ...(next !== undefined && { next }) };
    },
    'retention.list': async ({ appid, after, count }) => {
      const { days, isErasing, persons, next } = await listDue(stores, appid, { after, count });
      return {
        isErasing,
        persons: [...persons],
        ...(days !== undefined && { days }),
        ...(next !== undefined && { next }),
      };
    },
  };
}

function told(correction: string | undefined): { correction?: string } {
  return correction === undefined ? {} : { correction };
}

/** Lists of the stores are not to be changed; those of answers may be. */
function copied(finding: Finding) {
  switch (finding.kind) {
    case 'double':
      return {
        ...finding,
        persons: [...finding.persons] as [string, string],
        faces: [...finding.faces] as [string, string],
      };
    case 'copy':
      return { ...finding, faces: [...finding.faces] as [string, string] };
    default:
      return finding;
  }
}
