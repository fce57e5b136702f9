/** The pictures that are enrolled: each with its faces, and how far it is. */
import { useState } from 'preact/hooks';
import { useWords } from '../text/language.tsx';
import type { EnrolledPicture } from './enrolment.ts';
import { QualityWords } from './pictures/face-facts.tsx';
import { RefusalNote } from './pictures/refusal-note.tsx';
import { SeenPicture } from './pictures/seen-picture.tsx';

/** How many pictures are shown, and how many more each time: thousands would be a page that nobody scrolls through. */
const shownAtOnce = 48;

interface EnrolListProps {
  readonly pictures: readonly EnrolledPicture[];
  readonly isBusy: boolean;
  /** Whether each picture is of a person of its own, whose id can be changed. */
  readonly isNamed: boolean;
  readonly isDone: (picture: EnrolledPicture) => boolean;
  readonly change: (to: (before: readonly EnrolledPicture[]) => readonly EnrolledPicture[]) => void;
}

/** The list. */
export function EnrolList({ pictures, isBusy, isNamed, isDone, change }: EnrolListProps) {
  const { t } = useWords();
  const [shown, setShown] = useState(shownAtOnce);
  const counts = Map.groupBy(pictures, ({ state }) => state);
  const count = (...states: readonly EnrolledPicture['state'][]) =>
    states.reduce((sum, state) => sum + (counts.get(state)?.length ?? 0), 0);
  const finished = count('added', 'known', 'refused', 'failed', 'checked');
  const more = Math.min(shownAtOnce, pictures.length - shown);
  return (
    <section>
      <p role="status">
        {t('enrol.progress', {
          done: String(finished),
          total: String(pictures.length),
          added: String(count('added')),
          refused: String(count('refused', 'failed')),
        })}
      </p>
      <progress value={finished} max={pictures.length} aria-label={t('nav.enrol')} />
      {!isBusy && pictures.some(isDone) && (
        <button
          type="button"
          class="secondary"
          onClick={() => change((before) => before.filter((one) => !isDone(one)))}
        >
          {t('enrol.clear')}
        </button>
      )}
      <ul class="pictures">
        {pictures.slice(0, shown).map((picture) => (
          <Row
            key={picture.key}
            {...{ picture, isBusy, isNamed }}
            set={(words) =>
              change((before) => before.map((one) => (one.key === picture.key ? { ...one, ...words } : one)))
            }
            remove={() => change((before) => before.filter(({ key }) => key !== picture.key))}
          />
        ))}
      </ul>
      {more > 0 && (
        <button type="button" class="secondary" onClick={() => setShown(shown + shownAtOnce)}>
          {t('enrol.more', { count: String(more) })}
        </button>
      )}
    </section>
  );
}

interface RowProps {
  readonly picture: EnrolledPicture;
  readonly isBusy: boolean;
  readonly isNamed: boolean;
  readonly set: (words: Pick<EnrolledPicture, 'personId'>) => void;
  readonly remove: () => void;
}

function Row({ picture: { file, personId, state, seen, quality, refusal }, isBusy, isNamed, set, remove }: RowProps) {
  const { t } = useWords();
  return (
    <li>
      <SeenPicture file={file} seen={seen} />
      <p class="name">
        <bdi>{file.name}</bdi>
      </p>
      {isNamed && (
        <input
          aria-label={t('enrol.idOf', { file: file.name })}
          value={personId}
          disabled={isBusy}
          onInput={({ currentTarget }) => set({ personId: currentTarget.value })}
        />
      )}
      <p class={`state ${state}`} aria-busy={state === 'busy'}>
        {t(`enrol.state.${state}`)}
        {quality !== undefined && (
          <small>
            {' · '}
            <QualityWords of={quality} />
          </small>
        )}
      </p>
      {state === 'refused' && <RefusalNote of={refusal} />}
      {!isBusy && (
        <button type="button" class="secondary small" onClick={remove} aria-label={`${t('enrol.remove')} ${file.name}`}>
          {t('enrol.remove')}
        </button>
      )}
    </li>
  );
}
