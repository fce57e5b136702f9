/** A code of an answer, which leads to what to do about it. */
import { Link } from 'wouter-preact';
import { refusals } from '../../../src/contract/refusals.ts';

const known: ReadonlyMap<number, string> = new Map(Object.values(refusals).map(({ code, message }) => [code, message]));

/** A link if it is a code of the face API; else the number alone. */
export function Code({ of }: { readonly of: number | null | undefined }) {
  const message = of == null ? undefined : known.get(of);
  if (message === undefined) return <>{of}</>;
  return (
    <Link href={`/codes/${of}`} title={message}>
      {of}
    </Link>
  );
}
