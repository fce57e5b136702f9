/** A rehearsal: how two packs tell the persons of an appid apart, on faces of its own. */
import { useState } from 'preact/hooks';
import type { Output } from '../api/call.ts';
import { useOperation } from '../api/hooks.ts';
import { useWords } from '../text/language.tsx';
import { ErrorNote, Table } from './notes.tsx';
import { TenantChoice } from './tenant-choice.tsx';

type Compared = Output<'models.compare'>;

/** @param packs those whose files are there. */
export function Rehearsal({ packs }: { readonly packs: readonly string[] }) {
  const { t } = useWords();
  if (packs.length < 2) return <p>{t('models.onePack')}</p>;
  return (
    <>
      <p>{t('models.rehearsalSays')}</p>
      <TenantChoice>{(appid) => <Compare key={appid} appid={appid} packs={packs} />}</TenantChoice>
    </>
  );
}

function Compare({ appid, packs }: { readonly appid: string; readonly packs: readonly string[] }) {
  const { t } = useWords();
  const compare = useOperation('models.compare');
  const [compared, setCompared] = useState<Compared>();
  const choice = (name: 'first' | 'second', at: number) => (
    <label>
      {t(`models.${name}`)}
      <select name={name} defaultValue={packs[at]!}>
        {packs.map((pack) => (
          <option key={pack} value={pack}>
            {pack}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget);
          const [first, second] = ['first', 'second'].map((name) => String(given.get(name)));
          compare.run({ appid, packs: [first!, second!] }, setCompared);
        }}
      >
        {choice('first', 0)}
        {choice('second', 1)}
        <button type="submit" disabled={compare.isBusy} aria-busy={compare.isBusy}>
          {t('models.compare')}
        </button>
      </form>
      <ErrorNote error={compare.error} />
      {compared !== undefined && <Result of={compared} />}
    </>
  );
}

function Result({ of: { faces, persons, packs, svg } }: { readonly of: Compared }) {
  const { t, number } = useWords();
  const share = (value: number) => `${number(Math.round(value * 10_000) / 100)} %`;
  const heads = [
    t('models.score'),
    ...packs.flatMap(({ pack }) => [`${pack}: ${t('models.same')}`, `${pack}: ${t('models.others')}`]),
  ];
  const scores = packs[0]?.reaching.map(({ score }) => score) ?? [];
  return (
    <section role="status">
      <p>{t('models.comparedOf', { faces: number(faces), persons: number(persons) })}</p>
      {/* As an image it runs nothing, and its styles are its own. */}
      <img class="plot" src={`data:image/svg+xml,${encodeURIComponent(svg)}`} alt={t('models.plot')} />
      <Table label={t('models.reaching')} heads={heads}>
        {scores.map((score, i) => (
          <tr key={score}>
            <th scope="row">{number(score)}</th>
            {packs.flatMap(({ pack, reaching }) => [
              <td key={`${pack} same`}>{share(reaching[i]!.same)}</td>,
              <td key={`${pack} others`}>{share(reaching[i]!.others)}</td>,
            ])}
          </tr>
        ))}
      </Table>
      {packs.map(({ pack, doublesCount, confusedCount }) => (
        <p key={pack}>{t('models.found', { pack, doubles: number(doublesCount), confused: number(confusedCount) })}</p>
      ))}
    </section>
  );
}
