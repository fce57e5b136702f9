/** Generates the page of codes from the table of refusals. */
import { type RefusalRow, refusals } from '../../src/contract/refusals.ts';
import { table } from '../markdown.ts';
import type { Say } from './pages.ts';

/** The page of all codes. */
export function renderCodesPage(say: Say): string {
  const rows = Object.values(refusals).map((row: RefusalRow) => [
    String(row.code),
    String(row.status),
    `\`${row.message}\``,
    say(row.when),
    say(row.mend),
  ]);
  return `# ${say('Codes')}

${say('Every answer is one JSON object, `{"code":…,"message":…,"data":…}`. Code 0 is success. With any other code `data` is absent unless the endpoint says otherwise, and the message begins with the text below, followed by details where they help. The HTTP status is 200 for every negative code.')}

${say('The answer’s `x-request-id` header has the id of the request in the server’s log.')}

${table([say('code'), say('HTTP'), say('message'), say('when'), say('what to do')], rows)}
`;
}
