/** One proposal after the other: its faces side by side, and two keys that decide it. */
import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Output } from '../api/call.ts';
import { useOperation } from '../api/hooks.ts';
import { personPath } from '../paths.ts';
import { useWords } from '../text/language.tsx';
import { Crop } from './crop.tsx';
import { ErrorNote } from './notes.tsx';

type Proposal = Output<'check.list'>['proposals'][number];
type Finding = Proposal['finding'];

/** What was decided, so that it can be taken back. */
interface Decision {
  readonly proposal: string;
  /** The correction that undoes it; undefined where nothing can. */
  readonly correction: string | undefined;
}

const keys = { yes: 'a', no: 'd', undo: 'u' } as const;

/** @param proposals those that are open, the surest first. */
export function Decide({
  appid,
  proposals,
  mayChange,
}: {
  readonly appid: string;
  readonly proposals: readonly Proposal[];
  readonly mayChange: boolean;
}) {
  const { t } = useWords();
  const accept = useOperation('check.accept');
  const dismiss = useOperation('check.dismiss');
  const undo = useOperation('persons.undo');
  const [decisions, setDecisions] = useState<readonly Decision[]>([]);
  const [newId, setNewId] = useState<string>();
  const [mayErase, setMayErase] = useState(false);
  const [isUndone, setUndone] = useState(false);
  const decided = new Set(decisions.map(({ proposal }) => proposal));
  const current = proposals.find(({ id }) => !decided.has(id));
  const last = decisions.at(-1);
  const isBusy = accept.isBusy || dismiss.isBusy || undo.isBusy;
  // Of two persons the server keeps the one with more faces, unless somebody says which.
  const to = current === undefined ? undefined : (newId ?? proposedId(current.finding));
  const isErasing = current !== undefined && erases(current.finding);
  const noteDecision = ({ correction }: { readonly correction?: string | undefined }) => {
    setDecisions([...decisions, { proposal: current!.id, correction }]);
    setNewId(undefined);
    setUndone(false);
  };
  const may = {
    yes: mayChange && !isBusy && current !== undefined && (!isErasing || mayErase) && to !== '',
    no: mayChange && !isBusy && current !== undefined,
    undo: mayChange && !isBusy && last?.correction !== undefined,
  };
  const act = {
    yes: () =>
      accept.run(
        { appid, id: current!.id, ...(to !== undefined && { to }), ...(isErasing && { erase: true }) },
        noteDecision,
      ),
    no: () => dismiss.run({ appid, id: current!.id }, noteDecision),
    undo: () =>
      undo.run({ appid, id: last!.correction! }, () => {
        setDecisions(decisions.slice(0, -1));
        setUndone(true);
      }),
  };
  useKeys((key) => {
    for (const name of ['yes', 'no', 'undo'] as const) if (key === keys[name] && may[name]) act[name]();
  });
  const button = (name: keyof typeof keys, label: string) => (
    <button type="button" class={name === 'yes' ? '' : 'secondary'} disabled={!may[name]} onClick={act[name]}>
      {label} <kbd>{keys[name].toUpperCase()}</kbd>
    </button>
  );
  return (
    <>
      {current === undefined ? (
        <p role="status">{t('review.nothing')}</p>
      ) : (
        <section aria-live="polite">
          <Shown appid={appid} of={current.finding} />
          {mayChange && current.finding.kind === 'double' && (
            <label>
              {t('review.stays')}
              <select
                value={to ?? ''}
                onChange={({ currentTarget: { value } }) => setNewId(value === '' ? undefined : value)}
              >
                {['', ...current.finding.persons].map((person) => (
                  <option key={person} value={person}>
                    {person === '' ? t('review.staysMore') : person}
                  </option>
                ))}
              </select>
            </label>
          )}
          {mayChange && current.finding.kind === 'stray' && (
            <label>
              {t('review.to')}
              <input value={to} maxLength={128} onInput={({ currentTarget }) => setNewId(currentTarget.value)} />
            </label>
          )}
          {mayChange && isErasing && (
            <label>
              <input type="checkbox" checked={mayErase} onChange={() => setMayErase(!mayErase)} /> {t('review.erase')}
            </label>
          )}
        </section>
      )}
      {mayChange && (
        <div class="decisions">
          {current !== undefined && button('yes', t(`review.${current.finding.kind}.yes`))}
          {current !== undefined && button('no', t(`review.${current.finding.kind}.no`))}
          {decisions.length > 0 && button('undo', t('review.undo'))}
        </div>
      )}
      {isUndone && <p role="status">{t('review.undone')}</p>}
      <ErrorNote error={accept.error ?? dismiss.error ?? undo.error} />
    </>
  );
}

/** Hears keys that are pressed alone, and not while something is written or asked. */
function useKeys(hear: (key: string) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { key, ctrlKey, altKey, metaKey, repeat, target } = event;
      if (ctrlKey || altKey || metaKey || repeat || (target as Element).closest('input, select, textarea, dialog'))
        return;
      hear(key.toLowerCase());
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

/** The faces of a proposal, and what is asked about them. */
function Shown({ appid, of }: { readonly appid: string; readonly of: Finding }) {
  const { t, number } = useWords();
  const score = (value: number) => number(Math.round(value * 10) / 10);
  switch (of.kind) {
    case 'double':
      return (
        <>
          <h3>{t('review.double.asks', { score: score(of.score) })}</h3>
          {of.samePicture && <p>{t('review.samePicture')}</p>}
          <Pair>
            <Face appid={appid} person={of.persons[0]} face={of.faces[0]} />
            <Face appid={appid} person={of.persons[1]} face={of.faces[1]} />
          </Pair>
        </>
      );
    case 'stray':
      return (
        <>
          <h3>{t('review.stray.asks', { person: of.person, score: score(of.score) })}</h3>
          <Pair>
            <Face appid={appid} person={of.person} face={of.face} />
            {of.resembles && <Face appid={appid} person={of.resembles.person} face={of.resembles.face} />}
          </Pair>
        </>
      );
    case 'copy':
      return (
        <>
          <h3>{t('review.copy.asks', { person: of.person })}</h3>
          <Pair>
            <Face appid={appid} person={of.person} face={of.faces[0]} />
            <Face appid={appid} person={of.person} face={of.faces[1]} />
          </Pair>
        </>
      );
    case 'lowQuality':
      return (
        <>
          <h3>{t('review.lowQuality.asks', { quality: number(of.quality) })}</h3>
          <Pair>
            <Face appid={appid} person={of.person} face={of.face} />
          </Pair>
        </>
      );
  }
}

function Pair({ children }: { readonly children: preact.ComponentChildren }) {
  return <div class="pair">{children}</div>;
}

function Face({ appid, person, face }: { readonly appid: string; readonly person: string; readonly face: string }) {
  const { t } = useWords();
  return (
    <figure>
      <Crop appid={appid} face={face} label={t('review.faceOf', { person })} />
      <figcaption>
        <Link href={personPath(appid, person)}>{person}</Link>
      </figcaption>
    </figure>
  );
}

/** Whose a stray face is to be: the person whom it resembles, or a new one. Undefined where nothing is asked. */
function proposedId(finding: Finding): string | undefined {
  return finding.kind === 'stray' ? (finding.resembles?.person ?? `${finding.person}-2`) : undefined;
}

function erases({ kind }: Finding): boolean {
  return kind === 'copy' || kind === 'lowQuality';
}
