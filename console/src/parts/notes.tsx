/** What a page says while it has no answer, or has no good one. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { CallError } from '../api/call.ts';
import type { Asked } from '../api/hooks.ts';
import { useWords } from '../text/language.tsx';
import type { TextName } from '../text/texts.ts';

/** The errors of which the server tells more than the page knows. */
const told: ReadonlySet<CallError['code']> = new Set(['invalid', 'exists', 'forbidden']);

/** Why something was not done; nothing if it was. `say` replaces the usual sentence. */
export function ErrorNote({ error, say }: { readonly error: CallError | undefined; readonly say?: TextName }) {
  const { t, duration } = useWords();
  if (error === undefined) return null;
  const { code, message, retryAfterSeconds: seconds } = error;
  const isSaid = say === undefined && told.has(code);
  return (
    <p role="alert" class="error">
      {code === 'slowDown' && seconds !== undefined
        ? t('error.slowDownFor', { time: duration(seconds) })
        : t(say ?? `error.${code}`)}
      {isSaid && <small lang="en"> {message}</small>}
    </p>
  );
}

/** Shows an answer when it is there. */
export function Answer<T>({
  of: { data, error },
  children,
}: {
  readonly of: Asked<T>;
  readonly children: (data: T) => ComponentChildren;
}) {
  const { t } = useWords();
  return (
    <>
      <ErrorNote error={error} />
      {data === undefined ? error === undefined && <p aria-busy="true">{t('loading')}</p> : children(data)}
    </>
  );
}

/** The heading of a page, which is the document's title, too. */
export function Title({ children }: { readonly children: string }) {
  return (
    <>
      <DocumentTitle of={children} />
      <h1>{children}</h1>
    </>
  );
}

/** What a browser calls the page in its tabs, its history and its bookmarks. */
export function DocumentTitle({ of }: { readonly of: string }) {
  useEffect(() => {
    document.title = `${of} · familiar`;
  }, [of]);
  return null;
}

/** A list of names and values; those of a long one are sentences, each in a line of its own. */
export function Facts({
  isLong = false,
  children,
}: {
  readonly isLong?: boolean;
  readonly children: ComponentChildren;
}) {
  return <dl class={isLong ? 'facts long' : 'facts'}>{children}</dl>;
}

/** A name and a value of {@link Facts}. */
export function Fact({ name, children }: { readonly name: TextName; readonly children: ComponentChildren }) {
  const { t } = useWords();
  return (
    <div>
      <dt>{t(name)}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A table that scrolls by itself on a narrow screen, and by the arrow keys. */
export function Table({
  label,
  heads,
  children,
}: {
  readonly label: string;
  readonly heads: readonly string[];
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section class="wide" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
