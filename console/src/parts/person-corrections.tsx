/** Corrections of who a person is: merged, renamed, said not to be another one; and undone. */
import { useLocation } from 'wouter-preact';
import type { Input, Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { personPath } from '../paths.ts';
import { useWords } from '../text/language.tsx';
import type { TextName } from '../text/texts.ts';
import { DialogButton, DialogEnd } from './dialog.tsx';
import { Answer, ErrorNote } from './notes.tsx';

type Correction = Input<'persons.correct'>['correction'];
type Made = Output<'persons.corrections'>['corrections'][number];

/** One that is made of the person and the id of another one. */
interface Kind {
  readonly kind: 'merge' | 'rename' | 'forbid' | 'allow';
  readonly asks: TextName;
  readonly make: (person: string, other: string) => Correction;
  /** Whether the person has the other id then. */
  readonly leads: boolean;
}

const kinds: readonly Kind[] = [
  { kind: 'merge', asks: 'register.toPerson', make: (from, to) => ({ kind: 'merge', from, to }), leads: true },
  { kind: 'rename', asks: 'register.newId', make: (from, to) => ({ kind: 'rename', from, to }), leads: true },
  {
    kind: 'forbid',
    asks: 'register.otherPerson',
    make: (first, second) => ({ kind: 'forbid', first, second }),
    leads: false,
  },
  {
    kind: 'allow',
    asks: 'register.otherPerson',
    make: (first, second) => ({ kind: 'allow', first, second }),
    leads: false,
  },
];

interface OfPerson {
  readonly appid: string;
  readonly person: string;
}

/** What can be corrected, and what can be undone. */
export function Corrections({ appid, person, mayChange }: OfPerson & { readonly mayChange: boolean }) {
  const { t } = useWords();
  return (
    <article>
      <h2>{t('register.corrections')}</h2>
      {mayChange && (
        <div class="row buttons">
          {kinds.map((kind) => (
            <Correct key={kind.kind} appid={appid} person={person} of={kind} />
          ))}
        </div>
      )}
      <Answer of={useAnswer('persons.corrections', { appid, person })}>
        {({ corrections }) =>
          corrections.length === 0 ? (
            <p>{t('register.noCorrections')}</p>
          ) : (
            <ul class="history">
              {corrections.map((made) => (
                <Undoable key={made.id} appid={appid} made={made} mayChange={mayChange} />
              ))}
            </ul>
          )
        }
      </Answer>
    </article>
  );
}

function Correct({ appid, person, of }: OfPerson & { readonly of: Kind }) {
  const { t } = useWords();
  const correct = useOperation('persons.correct');
  const [, navigate] = useLocation();
  const label = t(`correction.${of.kind}`);
  return (
    <DialogButton label={label}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const other = String(new FormData(event.currentTarget).get('other'));
            correct.run({ appid, correction: of.make(person, other) }, () => {
              close();
              if (of.leads) navigate(personPath(appid, other));
            });
          }}
        >
          <p>{t(`correctionSays.${of.kind}`, { person })}</p>
          <label>
            {t(of.asks)}
            <input name="other" required dir="auto" autoComplete="off" />
          </label>
          <ErrorNote error={correct.error} />
          <DialogEnd label={label} isBusy={correct.isBusy} close={close} />
        </form>
      )}
    </DialogButton>
  );
}

function Undoable({
  appid,
  made,
  mayChange,
}: Pick<OfPerson, 'appid'> & { readonly made: Made; readonly mayChange: boolean }) {
  const { t, moment } = useWords();
  const undo = useOperation('persons.undo');
  const [, navigate] = useLocation();
  return (
    <li class="history-line">
      <time dateTime={new Date(made.madeAt).toISOString()}>{moment(made.madeAt)}</time>
      <div class="history-text">
        <strong>{t(`correction.${made.kind}`)}</strong> <bdi>{made.persons.join(', ')}</bdi>{' '}
        {mayChange && (
          <button
            type="button"
            class="secondary small"
            disabled={undo.isBusy}
            onClick={() =>
              undo.run({ appid, id: made.id }, () => {
                // Who is undone to be is the first of them: the person itself may be there no more.
                if (made.kind === 'rename' || made.kind === 'split') navigate(personPath(appid, made.persons[0]!));
              })
            }
          >
            {t('register.undo')}
          </button>
        )}
        <ErrorNote error={undo.error} />
      </div>
    </li>
  );
}
