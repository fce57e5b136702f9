/** Who is in a picture: every face with its candidates, and what their scores mean here. */
import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { CallError, Output } from '../api/call.ts';
import { sendPictures } from '../api/hooks.ts';
import { GroupsField, idsIn } from '../parts/groups-field.tsx';
import { ErrorNote } from '../parts/notes.tsx';
import { type DescribedFace, FaceFacts } from '../parts/pictures/face-facts.tsx';
import { PictureInput } from '../parts/pictures/picture-input.tsx';
import { RefusalNote } from '../parts/pictures/refusal-note.tsx';
import { SeenPicture } from '../parts/pictures/seen-picture.tsx';
import { ScoreMeaning } from '../parts/score-meaning.tsx';
import { personPath } from '../paths.ts';
import { useWords } from '../text/language.tsx';

type Identified = Output<'recognise.identify'>;
type Analysed = Output<'recognise.analyse'>;
type Candidate = Identified['faces'][number]['candidates'][number];

/** What was answered of a picture so far. */
interface Answers {
  readonly identified?: Identified;
  readonly analysed?: Analysed;
  readonly error?: CallError;
}

/** The page. */
export function RecognisePage({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const [file, setFile] = useState<File>();
  const [groups, setGroups] = useState('');
  // Another search of the same picture, and one of another picture, begin anew.
  const [search, setSearch] = useState(0);
  const again = () => setSearch((count) => count + 1);
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          again();
        }}
      >
        <GroupsField appid={appid} label={t('recognise.groups')} value={groups} onValue={setGroups} />
        {file !== undefined && <button type="submit">{t('recognise.again')}</button>}
      </form>
      <PictureInput
        label={t('nav.recognise')}
        onPictures={([picture]) => {
          setFile(picture);
          again();
        }}
      />
      {file !== undefined && <Recognised key={search} appid={appid} file={file} groupIds={idsIn(groups)} />}
    </>
  );
}

interface RecognisedProps {
  readonly appid: string;
  readonly file: File;
  readonly groupIds: string[];
}

function Recognised({ appid, file, groupIds }: RecognisedProps) {
  const { t } = useWords();
  const [shows, setShows] = useState({ attributes: false, contours: false });
  const { identified, analysed, error, describe } = useAnswers(appid, file, groupIds);
  const seen = analysed?.seen ?? identified?.seen;
  const toggle = (name: keyof typeof shows) => {
    setShows({ ...shows, [name]: !shows[name] });
    describe();
  };
  if (identified === undefined && error === undefined) {
    return (
      <p aria-busy="true" role="status">
        {t('picture.busy')}
      </p>
    );
  }
  return (
    <section aria-live="polite">
      <ErrorNote error={error} />
      <RefusalNote of={identified?.refusal} />
      {analysed?.refusal?.name !== identified?.refusal?.name && <RefusalNote of={analysed?.refusal} />}
      <SeenPicture
        file={file}
        seen={seen}
        isNumbered
        contours={shows.contours ? analysed?.faces.map(({ contours }) => contours) : []}
      />
      {seen !== undefined && seen.boxes.length > 0 && (
        <>
          <p>{t('picture.faces', { count: String(seen.boxes.length) })}</p>
          <fieldset>
            {(['attributes', 'contours'] as const).map((name) => (
              <label key={name}>
                <input type="checkbox" checked={shows[name]} onChange={() => toggle(name)} />
                {t(`picture.${name}`)}
              </label>
            ))}
          </fieldset>
          {identified !== undefined && <Searched of={identified} />}
          {seen.boxes.map((_, index) => (
            <FaceCard
              key={index}
              {...{ appid, number: index + 1, isChosen: index === seen.chosen, identified }}
              described={shows.attributes ? analysed?.faces[index] : undefined}
            />
          ))}
        </>
      )}
    </section>
  );
}

/** The answers, the first of which is asked for at once; `describe` asks for the other one, once. */
function useAnswers(appid: string, file: File, groupIds: string[]): Answers & { readonly describe: () => void } {
  const [answers, setAnswers] = useState<Answers>({});
  const [isDescribing, setDescribing] = useState(false);
  const add = (more: Answers) => setAnswers((before) => ({ ...before, ...more }));
  const fail = (error: CallError) => add({ error });
  const describe = () => {
    if (isDescribing) return;
    setDescribing(true);
    sendPictures('recognise.analyse', { appid, contours: true }, { picture: file }).then(
      (analysed) => add({ analysed }),
      fail,
    );
  };
  useEffect(() => {
    const gone = new AbortController();
    sendPictures('recognise.identify', { appid, groupIds }, { picture: file }, gone.signal).then(
      (identified) => {
        add({ identified });
        // Where nobody can be searched for, the faces are there to be seen all the same.
        if (identified.refusal !== undefined && identified.seen === undefined) describe();
      },
      (error: CallError) => gone.signal.aborted || fail(error),
    );
    return () => gone.abort();
  }, []);
  return { ...answers, describe };
}

function Searched({ of: { gallery, refusal } }: { readonly of: Identified }) {
  const { t, number } = useWords();
  if (refusal !== undefined) return null;
  return <p>{t('recognise.searched', { persons: number(gallery.persons), faces: number(gallery.faces) })}</p>;
}

interface FaceCardProps {
  readonly appid: string;
  readonly number: number;
  readonly isChosen: boolean;
  readonly identified: Identified | undefined;
  readonly described: DescribedFace | undefined;
}

function FaceCard({ appid, number, isChosen, identified, described }: FaceCardProps) {
  const { t } = useWords();
  const face = identified?.faces[number - 1];
  return (
    <article>
      <h2>
        {t('picture.face', { number: String(number) })} {isChosen && <small>({t('picture.chosen')})</small>}
      </h2>
      {described !== undefined && <FaceFacts of={described} />}
      {face !== undefined && face.candidates.length === 0 && <p>{t('recognise.nobody')}</p>}
      {face !== undefined && face.candidates.length > 0 && (
        <ol class="candidates" aria-label={t('recognise.candidates', { number: String(number) })}>
          {face.candidates.map((candidate) => (
            <CandidateItem key={candidate.personId} {...{ appid, candidate, identified: identified! }} />
          ))}
        </ol>
      )}
    </article>
  );
}

interface CandidateProps {
  readonly appid: string;
  readonly candidate: Candidate;
  readonly identified: Identified;
}

function CandidateItem({ appid, candidate, identified: { gallery, fittedMost } }: CandidateProps) {
  const { t, number } = useWords();
  const { personId, name, faceId, confidence, isSamePicture } = candidate;
  return (
    <li>
      <img
        class="crop"
        loading="lazy"
        src={`/api/crop?${new URLSearchParams({ appid, face: faceId })}`}
        alt={t('recognise.cropOf', { person: personId })}
      />
      <div>
        <Link href={personPath(appid, personId)}>
          <bdi>{personId}</bdi>
        </Link>{' '}
        {name !== '' && name !== personId && <bdi>{name}</bdi>}
        <br />
        <strong>{t('compare.score', { score: number(confidence) })}</strong>
        <br />
        <ScoreMeaning score={confidence} isSamePicture={isSamePicture} faces={gallery.faces} most={fittedMost} />
      </div>
    </li>
  );
}
