/** A moment, which is not broken over lines. */
import { useWords } from '../text/language.tsx';

/** @param at milliseconds since 1970. */
export function Moment({ at }: { readonly at: number }) {
  const { moment } = useWords();
  return <time dateTime={new Date(at).toISOString()}>{moment(at)}</time>;
}
