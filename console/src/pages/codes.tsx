/** The codes of answers: when each is given, and what to do about it. */
import { Link } from 'wouter-preact';
import { type RefusalRow, refusals } from '../../../src/contract/refusals.ts';
import { Fact, Facts, Title } from '../parts/notes.tsx';
import { Said } from '../parts/said.tsx';
import { useWords } from '../text/language.tsx';

const rows: readonly RefusalRow[] = Object.values(refusals);

/** All codes, or one of them. */
export function CodesPage({ code }: Readonly<Record<string, string | undefined>>) {
  const { t } = useWords();
  const shown = code === undefined ? rows : rows.filter((row) => String(row.code) === code);
  return (
    <>
      <Title>{code === undefined ? t('nav.codes') : `${t('usage.code')} ${code}`}</Title>
      {code !== undefined && <Link href="/codes">{t('codes.all')}</Link>}
      {shown.length === 0 && <p>{t('error.unknown')}</p>}
      {shown.map((row) => (
        <CodeRow key={row.when} of={row} />
      ))}
    </>
  );
}

function CodeRow({ of: { code, status, message, when, mend } }: { readonly of: RefusalRow }) {
  return (
    <article>
      <h2>
        {code} <code>{message}</code>
      </h2>
      <Facts isLong>
        <Fact name="codes.when">
          <Said text={when} />
        </Fact>
        <Fact name="codes.mend">
          <Said text={mend} />
        </Fact>
        <Fact name="codes.status">{status}</Fact>
      </Facts>
    </article>
  );
}
