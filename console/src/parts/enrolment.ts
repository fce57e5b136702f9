/** Enrols pictures one after the other: a picture that is refused does not stop the rest. */
import { CallError, type Output } from '../api/call.ts';
import { sendPictures } from '../api/hooks.ts';
import type { DescribedFace } from './pictures/face-facts.tsx';
import type { Refused } from './pictures/refusal-note.tsx';
import type { Seen } from './pictures/seen-picture.tsx';

/** How far a picture is. */
export type State = 'waiting' | 'busy' | 'checked' | 'added' | 'known' | 'refused' | 'failed';

/** A picture that is to be enrolled. */
export interface EnrolledPicture {
  readonly key: number;
  readonly file: File;
  readonly personId: string;
  readonly state: State;
  readonly seen?: Seen | undefined;
  readonly quality?: DescribedFace['quality'] | undefined;
  readonly refusal?: Refused | undefined;
}

/** Who the persons are, besides their ids. */
export interface PersonWords {
  readonly appid: string;
  readonly name: string;
  readonly tag: string;
  readonly groupIds: string[];
}

/** What came of a picture. */
type Outcome = Pick<EnrolledPicture, 'state' | 'seen' | 'quality' | 'refusal'>;

/** The id that the name of a file gives a person: what no id may hold is left out. */
export function idOfFile(name: string): string {
  return name.replace(/\.[^.]*$/, '').replaceAll(/[\s\p{Cc}/\\"']+/gu, '-');
}

/** How often a picture is sent that the server has no room for, and how long is waited before the second time, in milliseconds. */
const [triesMax, pauseMs] = [6, 1_000];

/** Sends until the server has room. @throws CallError. */
async function untilRoom<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      const isFull = error instanceof CallError && error.code === 'slowDown';
      if (!isFull || tries === triesMax || signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs * 2 ** (tries - 1)));
    }
  }
}

/** Finds the face of a picture that would be enrolled; nothing is stored. @throws CallError. */
export async function checkPicture(appid: string, { file }: EnrolledPicture, signal: AbortSignal): Promise<Outcome> {
  const { refusal, seen, faces } = await untilRoom(
    () => sendPictures('recognise.analyse', { appid }, { picture: file }, signal),
    signal,
  );
  const quality = seen?.chosen === undefined ? undefined : faces[seen.chosen]?.quality;
  return { state: refusal === undefined ? 'checked' : 'refused', seen, quality, refusal };
}

/**
 * Enrols a picture: registers the person, or adds the face if the person is there.
 * @param known persons of whom that is known; who is found to be there is added.
 * @throws CallError.
 */
export async function enrolPicture(
  { appid, name, tag, groupIds }: PersonWords,
  { file, personId }: EnrolledPicture,
  known: Set<string>,
  signal: AbortSignal,
): Promise<Outcome> {
  if (!known.has(personId)) {
    const input = { appid, personId, name, tag, groupIds };
    const made = await untilRoom(() => sendPictures('enrol.person', input, { picture: file }, signal), signal);
    if (made.refusal?.name !== 'personExists') {
      if (made.refusal === undefined) known.add(personId);
      return outcomeOf(made);
    }
    known.add(personId);
  }
  const input = { appid, personId, tag };
  return outcomeOf(await untilRoom(() => sendPictures('enrol.face', input, { picture: file }, signal), signal));
}

function outcomeOf({ refusal, seen, quality }: Output<'enrol.face'>): Outcome {
  if (refusal === undefined) return { state: 'added', seen, quality, refusal };
  return { state: refusal.name === 'sameFace' ? 'known' : 'refused', seen, quality, refusal };
}
