/** How far an appid is with the first steps. */
import { useAnswer } from '../api/hooks.ts';
import { lastDays } from '../time.ts';

/** What is done. */
export interface Steps {
  readonly key: boolean;
  readonly person: boolean;
  readonly recognition: boolean;
}

const recognitions: ReadonlySet<string | undefined> = new Set(['identify', 'multidentify', 'verify', 'compare']);
/** How often it is asked again while the page is seen, in milliseconds: whoever runs a program wants to see what came of it. */
const askedAgainMs = 3_000;

/** Follows the steps of an appid. */
export function useSteps(appid: string): Steps {
  const days = lastDays(30);
  const options = { refetchInterval: askedAgainMs };
  const tenant = useAnswer('tenants.show', { appid }, options).data?.tenant;
  const keys = useAnswer('keys.list', { appid }).data?.keys;
  const span = { appid, from: days[0]!, to: days.at(-1)! };
  const rows = useAnswer('usage.report', { ...span, by: ['endpoint'] }, options).data?.rows;
  return {
    key: keys?.some(({ revokedAt }) => revokedAt === null) ?? false,
    person: (tenant?.kept.persons ?? 0) > 0,
    recognition: rows?.some(({ endpoint, ok }) => ok > 0 && recognitions.has(endpoint)) ?? false,
  };
}
