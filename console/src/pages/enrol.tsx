/** Enrols persons by pictures: of files, a folder, or the camera. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { CallError } from '../api/call.ts';
import { queries } from '../api/queries.ts';
import { EnrolList } from '../parts/enrol-list.tsx';
import {
  checkPicture,
  type EnrolledPicture,
  enrolPicture,
  idOfFile,
  type PersonWords,
  type State,
} from '../parts/enrolment.ts';
import { GroupsField, idsIn } from '../parts/groups-field.tsx';
import { ErrorNote } from '../parts/notes.tsx';
import { PictureInput } from '../parts/pictures/picture-input.tsx';
import { useWords } from '../text/language.tsx';

/** Whether all pictures show one person, or each another one. */
type How = 'one' | 'each';

/** Pictures that are done with. */
const done: ReadonlySet<State> = new Set<State>(['added', 'known']);

let keys = 0;
const nextKey = (): number => {
  keys += 1;
  return keys;
};

/** What is said of the persons. */
interface Words {
  readonly personId: string;
  readonly name: string;
  readonly tag: string;
  readonly groups: string;
}

/** The page. */
export function EnrolPage({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const [how, setHow] = useState<How>('one');
  const [words, setWords] = useState<Words>({ personId: '', name: '', tag: '', groups: '' });
  const { pictures, change, error, isBusy, run, stop } = useRun();
  const add = (files: readonly File[]) =>
    change((before) => [
      ...before,
      ...files.map((file) => ({ key: nextKey(), file, personId: idOfFile(file.name), state: 'waiting' as const })),
    ]);
  const runThose = (work: (picture: EnrolledPicture, signal: AbortSignal) => Promise<Partial<EnrolledPicture>>) =>
    void run(({ state }) => !done.has(state), work);
  const enrol = () => {
    const name = how === 'one' ? words.name : '';
    const person: PersonWords = { appid, tag: words.tag, groupIds: idsIn(words.groups), name };
    const known = new Set<string>();
    const named = (picture: EnrolledPicture) => (how === 'one' ? { ...picture, personId: words.personId } : picture);
    runThose((picture, signal) => enrolPicture(person, named(picture), known, signal));
  };
  const check = () => runThose((picture, signal) => checkPicture(appid, picture, signal));
  return (
    <>
      <form
        class="wide-form"
        onSubmit={(event) => {
          event.preventDefault();
          enrol();
        }}
      >
        <HowField how={how} onHow={setHow} />
        <WordFields {...{ appid, how, words }} onWords={setWords} />
        <PictureInput label={t('enrol.pictures', { count: String(pictures.length) })} many onPictures={add} />
        <Buttons {...{ isBusy, stop, check }} isEmpty={pictures.length === 0} />
      </form>
      <ErrorNote error={error} />
      {pictures.length > 0 && (
        <EnrolList {...{ pictures, isBusy, change }} isNamed={how === 'each'} isDone={({ state }) => done.has(state)} />
      )}
    </>
  );
}

function HowField({ how, onHow }: { readonly how: How; readonly onHow: (how: How) => void }) {
  const { t } = useWords();
  return (
    <fieldset>
      <legend>{t('enrol.how')}</legend>
      {(['one', 'each'] as const).map((one) => (
        <label key={one}>
          <input type="radio" name="how" checked={how === one} onChange={() => onHow(one)} />
          {t(`enrol.${one}`)}
        </label>
      ))}
    </fieldset>
  );
}

function WordFields({
  appid,
  how,
  words,
  onWords,
}: {
  readonly appid: string;
  readonly how: How;
  readonly words: Words;
  readonly onWords: (words: Words) => void;
}) {
  const { t } = useWords();
  const field = (name: 'personId' | 'name' | 'tag', isRequired: boolean) => (
    <label>
      {t(`enrol.${name}`)}
      <input
        required={isRequired}
        autoComplete="off"
        value={words[name]}
        onInput={({ currentTarget }) => onWords({ ...words, [name]: currentTarget.value })}
      />
    </label>
  );
  return (
    <>
      {how === 'one' && field('personId', true)}
      {how === 'one' && field('name', false)}
      <GroupsField
        appid={appid}
        label={t('enrol.groups')}
        isRequired
        value={words.groups}
        onValue={(groups) => onWords({ ...words, groups })}
      />
      {field('tag', false)}
      <p>
        <small>{t('enrol.groupsSay')}</small>
      </p>
    </>
  );
}

function Buttons({
  isBusy,
  isEmpty,
  check,
  stop,
}: {
  readonly isBusy: boolean;
  /** Whether there is no picture. */
  readonly isEmpty: boolean;
  readonly check: () => void;
  readonly stop: () => void;
}) {
  const { t } = useWords();
  return (
    <div class="buttons">
      <button type="submit" disabled={isBusy || isEmpty}>
        {t('enrol.enrol')}
      </button>
      <button type="button" class="secondary" disabled={isBusy || isEmpty} onClick={check}>
        {t('enrol.check')}
      </button>
      {isBusy && (
        <button type="button" class="secondary" onClick={stop}>
          {t('enrol.stop')}
        </button>
      )}
    </div>
  );
}

/** The pictures, and work on them one after the other. */
function useRun() {
  const [pictures, setPictures] = useState<readonly EnrolledPicture[]>([]);
  const [error, setError] = useState<CallError>();
  const [isBusy, setBusy] = useState(false);
  const stopper = useRef<AbortController>();
  // Who leaves the page leaves the rest undone.
  useEffect(() => () => stopper.current?.abort(), []);
  const set = (key: number, outcome: Partial<EnrolledPicture>) =>
    setPictures((before) => before.map((one) => (one.key === key ? { ...one, ...outcome } : one)));
  const run = async (
    isFor: (picture: EnrolledPicture) => boolean,
    work: (picture: EnrolledPicture, signal: AbortSignal) => Promise<Partial<EnrolledPicture>>,
  ) => {
    const stopping = new AbortController();
    stopper.current = stopping;
    setBusy(true);
    setError(undefined);
    for (const picture of pictures.filter(isFor)) {
      if (stopping.signal.aborted) break;
      set(picture.key, { state: 'busy', refusal: undefined });
      try {
        set(picture.key, await work(picture, stopping.signal));
      } catch (failure) {
        set(picture.key, { state: stopping.signal.aborted ? 'waiting' : 'failed' });
        if (stopping.signal.aborted) break;
        if (!(failure instanceof CallError)) throw failure;
        setError(failure);
        // What is wrong with this picture alone does not stop the rest.
        if (failure.code !== 'invalid' && failure.code !== 'fault') break;
      }
    }
    setBusy(false);
    void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session.show' });
  };
  return { pictures, change: setPictures, error, isBusy, run, stop: () => stopper.current?.abort() };
}
