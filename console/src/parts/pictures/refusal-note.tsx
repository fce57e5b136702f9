/** Why the face API refuses a picture, and the code that leads to what to do. */
import { refusals } from '../../../../src/contract/refusals.ts';
import type { Output } from '../../api/call.ts';
import { Code } from '../code.tsx';
import { Said } from '../said.tsx';

/** A refusal, as operations tell it. */
export type Refused = NonNullable<Output<'recognise.analyse'>['refusal']>;

/** The sentence for a refusal; nothing if there is none. */
export function RefusalNote({ of }: { readonly of: Refused | undefined }) {
  if (of === undefined) return null;
  const { name, code, detail } = of;
  const row = Object.entries(refusals).find(([known]) => known === name)?.[1];
  return (
    <p role="alert" class="error">
      <Code of={code} /> {row !== undefined && <Said text={row.when} />}
      {detail !== '' && <small lang="en"> {detail}</small>}
    </p>
  );
}
