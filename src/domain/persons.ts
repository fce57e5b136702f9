/** Registers, changes, reads and deletes persons. */
import { Refusal } from '../errors/refusals.ts';
import type { PictureSource, RequestContext } from './context.ts';
import { prepareFace, tellingQualities, withEveryModel } from './enrolment.ts';
import type { Quality } from './face-analyzer.ts';
import { resemblances } from './resembling.ts';
import type { JoinOutcome, Person, PersonChange, PersonDetails } from './stores.ts';

/** A person to register. */
export interface Registration {
  readonly person: Person;
  /** Repeated ids count once. */
  readonly groupIds: readonly string[];
  readonly picture: PictureSource;
}

/** Groups that the store hears of before the face is known: as many as most persons join. */
const groupsForeseenMax = 8;

/** What came of a registration. */
export interface Registered {
  readonly faceId: string;
  readonly quality: Quality;
  /** The groups joined, each once, in the order asked for. */
  readonly groupIds: readonly string[];
}

/**
 * Registers a person with the largest face of a picture, all or nothing.
 * @throws Refusal `personExists`, `noFace`, `resemblesOther` if the appid wants it, `tooManyGroups`, `tooManyPersons`, `tooManyRequests` if the appid may keep no
 *   more, and what the picture refuses with.
 */
export async function registerPerson(
  context: RequestContext,
  { person, groupIds, picture }: Registration,
): Promise<Registered> {
  // Saves the networks' time only; who was first is decided by the insert below.
  if ((await context.store.findPerson(person.id)) !== undefined) throw new Refusal('personExists', person.id);
  const joined = [...new Set(groupIds)];
  if (joined.length > context.limits.groupsMax) throw new Refusal('tooManyGroups');
  await context.store.refuseIfFull({ persons: 1, faces: 1 }, context.limits);
  const preparing = prepareFace(context, picture, person.id, person.tag);
  // A few, since it is done at once.
  context.store.foresee(person.id, joined.slice(0, groupsForeseenMax));
  const { face, quality } = await preparing;
  await tellingQualities([quality], async () => {
    const likenesses = await resemblances(context, [face]);
    context.onResembling(likenesses);
    if (likenesses[0] !== undefined && context.resembling?.isRefused === true) throw new Refusal('resemblesOther');
    await withEveryModel(context, [face], ([whole]) =>
      context.store.write(async (store) => {
        const refused = await store.register({ person, groupIds: joined, face: whole! }, context.limits);
        if (refused !== undefined) throw new Refusal(refused.refusal, refused.id);
      }),
    );
  });
  return { faceId: face.id, quality, groupIds: joined };
}

/**
 * Changes a person's name or tag; without either it only checks that the person is there.
 * @throws Refusal `personUnknown`.
 */
export async function updatePerson(
  context: Pick<RequestContext, 'store'>,
  personId: string,
  change: PersonChange,
): Promise<void> {
  await context.store.write(async (store) => {
    if (!(await store.updatePerson(personId, change))) throw unknownPerson(personId);
  });
}

/**
 * Reads a person.
 * @throws Refusal `personUnknown`.
 */
export async function getPerson(context: RequestContext, personId: string): Promise<PersonDetails> {
  const details = await context.store.findDetails(personId);
  if (details === undefined) throw unknownPerson(personId);
  return details;
}

/**
 * Erases a person with every face, embedding and crop.
 * @throws Refusal `personUnknown`.
 */
export async function deletePerson(context: Pick<RequestContext, 'store'>, personId: string): Promise<void> {
  await context.store.write(async (store) => {
    if (!(await store.deletePerson(personId))) throw unknownPerson(personId);
  });
}

/** The refusal for a person who is not there. */
export function unknownPerson(personId: string): Refusal {
  return new Refusal('personUnknown', personId);
}

/**
 * How many groups were joined.
 * @throws Refusal `tooManyPersons` or `tooManyGroups`.
 */
export function joinedUnlessFull(outcome: JoinOutcome): number {
  if ('refusal' in outcome) throw new Refusal(outcome.refusal, outcome.groupId);
  return outcome.joined;
}
