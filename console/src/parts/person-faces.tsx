/** The faces of a person as pictures, with what is known of each, and what can be done with those that are chosen. */
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import type { Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { personPath } from '../paths.ts';
import { useWords } from '../text/language.tsx';
import { Confirm } from './confirm.tsx';
import { Crop } from './crop.tsx';
import { DialogButton, DialogEnd } from './dialog.tsx';
import { Answer, ErrorNote } from './notes.tsx';
import { PageButtons, type Place } from './pager.tsx';

type Face = Output<'register.faces'>['faces'][number];
type Person = Output<'register.person'>;

/** Faces on one page: a screen of them. */
const facesPerPage = 24;

/** The list. */
export function Faces({
  appid,
  person,
  mayChange,
}: {
  readonly appid: string;
  readonly person: Person;
  readonly mayChange: boolean;
}) {
  const { t, number } = useWords();
  const [place, setPlace] = useState<Place>({});
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const faces = useAnswer('register.faces', { appid, person: person.id, ...place, count: facesPerPage });
  const choose = (id: string, isChosen: boolean) => {
    const now = new Set(chosen);
    if (isChosen) now.add(id);
    else now.delete(id);
    setChosen(now);
  };
  return (
    <article>
      <h2>{t('register.faces')}</h2>
      <Answer of={faces}>
        {(page) => {
          if (page.faces.length === 0 && page.previous === undefined) return <p>{t('register.noFaces')}</p>;
          return (
            <>
              <ul class="faces">
                {page.faces.map((face) => (
                  <li key={face.id} class="face">
                    <Crop
                      appid={appid}
                      face={face.id}
                      label={t('register.faceOf', { person: person.id, face: face.id })}
                    />
                    {mayChange && (
                      <label>
                        <input
                          type="checkbox"
                          checked={chosen.has(face.id)}
                          onChange={({ currentTarget }) => choose(face.id, currentTarget.checked)}
                        />
                        {t('register.choose')}
                      </label>
                    )}
                    <FaceFacts of={face} />
                  </li>
                ))}
              </ul>
              <PageButtons of={page} label={t('register.facePages')} onTurn={setPlace} />
            </>
          );
        }}
      </Answer>
      {mayChange && chosen.size > 0 && (
        <section class="row chosen" aria-label={t('register.chosen', { count: number(chosen.size) })}>
          <p role="status">{t('register.chosen', { count: number(chosen.size) })}</p>
          <Move appid={appid} faces={[...chosen]} onDone={() => setChosen(new Set())} />
          {chosen.size < person.faces && <Split appid={appid} person={person.id} faces={[...chosen]} />}
          <EraseFaces appid={appid} person={person} faces={[...chosen]} onDone={() => setChosen(new Set())} />
        </section>
      )}
    </article>
  );
}

function FaceFacts({ of: { id, tag, box, attributes, quality, models } }: { readonly of: Face }) {
  const { t, number } = useWords();
  const { gender, age, expression, glass, pitch, yaw, roll } = attributes;
  const rows: readonly (readonly [string, string])[] = [
    [t('register.quality'), quality === undefined ? t('register.notMeasured') : number(quality)],
    [t('register.size'), `${number(Math.round(box.width))} × ${number(Math.round(box.height))}`],
    [t('register.box'), `${number(Math.round(box.x))}, ${number(Math.round(box.y))}`],
    [t('register.age'), number(age)],
    [t('register.gender'), number(gender)],
    [t('register.expression'), number(expression)],
    [t('register.glasses'), t(glass ? 'register.yes' : 'register.no')],
    [t('register.pose'), `${number(pitch)}°, ${number(yaw)}°, ${number(roll)}°`],
    ...(tag === '' ? [] : [[t('register.tag'), tag] as const]),
    [t('register.model'), models.map((model) => model.replace(/^sha256:/, '').slice(0, 12)).join(', ')],
    [t('register.faceId'), id],
  ];
  return (
    <dl class="face-facts">
      {rows.map(([name, value]) => (
        <div key={name} class="face-fact">
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function EraseFaces({
  appid,
  person,
  faces,
  onDone,
}: {
  readonly appid: string;
  readonly person: Person;
  readonly faces: readonly string[];
  readonly onDone: () => void;
}) {
  const { t, number } = useWords();
  const erase = useOperation('register.eraseFaces');
  const left = person.faces - faces.length;
  return (
    <Confirm
      label={t('register.eraseFaces')}
      isDanger
      says={t('register.eraseFacesSays', { person: person.id, count: number(faces.length), left: number(left) })}
      error={erase.error}
      isBusy={erase.isBusy}
      onConfirm={(close) =>
        erase.run({ appid, person: person.id, faces: [...faces] }, () => {
          close();
          onDone();
        })
      }
    />
  );
}

function Move({
  appid,
  faces,
  onDone,
}: {
  readonly appid: string;
  readonly faces: readonly string[];
  readonly onDone: () => void;
}) {
  const { t } = useWords();
  const correct = useOperation('persons.correct');
  return (
    <DialogButton label={t('register.move')}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const to = String(new FormData(event.currentTarget).get('to'));
            correct.run({ appid, correction: { kind: 'move', faces: [...faces], to } }, () => {
              close();
              onDone();
            });
          }}
        >
          <p>{t('register.moveSays')}</p>
          <label>
            {t('register.toPerson')}
            <input name="to" required dir="auto" autoComplete="off" />
          </label>
          <ErrorNote error={correct.error} />
          <DialogEnd label={t('register.move')} isBusy={correct.isBusy} close={close} />
        </form>
      )}
    </DialogButton>
  );
}

function Split({
  appid,
  person,
  faces,
}: {
  readonly appid: string;
  readonly person: string;
  readonly faces: readonly string[];
}) {
  const { t } = useWords();
  const correct = useOperation('persons.correct');
  const [, navigate] = useLocation();
  return (
    <DialogButton label={t('register.split')}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const given = new FormData(event.currentTarget);
            const [to, name] = ['to', 'name'].map((one) => String(given.get(one)));
            correct.run(
              { appid, correction: { kind: 'split', from: person, faces: [...faces], to: to!, name: name! } },
              () => {
                close();
                navigate(personPath(appid, to!));
              },
            );
          }}
        >
          <p>{t('register.splitSays')}</p>
          <label>
            {t('register.newId')}
            <input name="to" required dir="auto" autoComplete="off" />
          </label>
          <label>
            {t('register.name')}
            <input name="name" maxLength={255} dir="auto" autoComplete="off" />
          </label>
          <ErrorNote error={correct.error} />
          <DialogEnd label={t('register.split')} isBusy={correct.isBusy} close={close} />
        </form>
      )}
    </DialogButton>
  );
}
