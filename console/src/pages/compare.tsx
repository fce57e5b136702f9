/** Two pictures side by side, and a picture against a person. */
import { useEffect, useState } from 'preact/hooks';
import type { CallError, Output } from '../api/call.ts';
import { sendPictures } from '../api/hooks.ts';
import { ErrorNote } from '../parts/notes.tsx';
import { PictureInput } from '../parts/pictures/picture-input.tsx';
import { RefusalNote } from '../parts/pictures/refusal-note.tsx';
import { SeenPicture } from '../parts/pictures/seen-picture.tsx';
import { ScoreMeaning } from '../parts/score-meaning.tsx';
import { useWords } from '../text/language.tsx';

type Likeness = NonNullable<Output<'recognise.compare'>['likeness']>;

/** The page. */
export function ComparePage({ appid }: { readonly appid: string }) {
  return (
    <>
      <Compare appid={appid} />
      <Verify appid={appid} />
    </>
  );
}

/** What came of pictures that were sent; it is asked for anew when they are others. */
function useSent<T>(pictures: readonly (File | undefined)[], send: (signal: AbortSignal) => Promise<T>) {
  const [answer, setAnswer] = useState<T>();
  const [error, setError] = useState<CallError>();
  const isWhole = pictures.every((picture) => picture !== undefined);
  useEffect(() => {
    setAnswer(undefined);
    setError(undefined);
    if (!isWhole) return undefined;
    const gone = new AbortController();
    send(gone.signal).then(
      (answered) => gone.signal.aborted || setAnswer(() => answered),
      (failure: CallError) => gone.signal.aborted || setError(failure),
    );
    return () => gone.abort();
  }, pictures);
  return { answer, error, isBusy: isWhole && answer === undefined && error === undefined };
}

function Compare({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const [first, setFirst] = useState<File>();
  const [second, setSecond] = useState<File>();
  const { answer, error, isBusy } = useSent([first, second], (signal) =>
    sendPictures('recognise.compare', { appid }, { first: first!, second: second! }, signal),
  );
  const side = (name: 'first' | 'second', file: File | undefined, set: (picture: File) => void) => (
    <div>
      <PictureInput
        label={t(`compare.${name}`)}
        // What is pasted is the first picture, and then the second.
        takesPaste={name === 'first' ? first === undefined : first !== undefined}
        onPictures={([picture]) => set(picture!)}
      />
      {file !== undefined && <SeenPicture key={file.name + file.lastModified} file={file} seen={answer?.[name]} />}
    </div>
  );
  return (
    <article>
      <h2>{t('nav.compare')}</h2>
      <div class="sides">
        {side('first', first, setFirst)}
        {side('second', second, setSecond)}
      </div>
      <section aria-live="polite">
        {isBusy && <p aria-busy="true">{t('picture.busy')}</p>}
        <ErrorNote error={error} />
        <RefusalNote of={answer?.refusal} />
        {answer?.likeness !== undefined && <LikenessWords of={answer.likeness} />}
      </section>
    </article>
  );
}

function LikenessWords({ of: { confidence, isSamePicture, fittedMost } }: { readonly of: Likeness }) {
  const { t, number } = useWords();
  return (
    <p>
      <strong>{t('compare.score', { score: number(confidence) })}</strong>{' '}
      <ScoreMeaning score={confidence} isSamePicture={isSamePicture} most={fittedMost} />
    </p>
  );
}

function Verify({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState<{ readonly personId: string; readonly file: File }>();
  const [file, setFile] = useState<File>();
  const { answer, error, isBusy } = useSent([asked?.file, asked?.personId as unknown as File], (signal) =>
    sendPictures('recognise.verify', { appid, personId: asked!.personId }, { picture: asked!.file }, signal),
  );
  return (
    <article>
      <h2>{t('compare.verify')}</h2>
      <p>{t('compare.verifySays')}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (file !== undefined) setAsked({ personId: typed, file });
        }}
      >
        <label>
          {t('compare.personId')}
          <input
            required
            autoComplete="off"
            value={typed}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </label>
        <PictureInput label={t('picture.chooseOne')} takesPaste={false} onPictures={([picture]) => setFile(picture)} />
        {file !== undefined && (
          <SeenPicture
            key={file.name + file.lastModified}
            file={file}
            seen={asked?.file === file ? answer?.seen : undefined}
          />
        )}
        <button type="submit" disabled={file === undefined || isBusy}>
          {t('compare.check')}
        </button>
      </form>
      <section aria-live="polite">
        {isBusy && <p aria-busy="true">{t('picture.busy')}</p>}
        <ErrorNote error={error} />
        <RefusalNote of={answer?.refusal} />
        {answer?.likeness !== undefined && (
          <>
            <p>{t(answer.isMatch === true ? 'compare.match' : 'compare.noMatch')}</p>
            <LikenessWords of={answer.likeness} />
          </>
        )}
      </section>
    </article>
  );
}
