/** Commands that a registry is given, so that two registries can be compared by what they answer. */
import fc from 'fast-check';
import type {
  Limits,
  NewFace,
  NewMember,
  Person,
  PersonChange,
  PersonDetails,
  Store,
} from '../../src/domain/stores.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { idsOf } from './fixtures.ts';

/** One call of a store, or a transaction of several. */
export type Command =
  | { readonly op: 'insertPerson'; readonly person: Person }
  | { readonly op: 'register'; readonly member: NewMember }
  | { readonly op: 'updatePerson'; readonly personId: string; readonly change: PersonChange }
  | { readonly op: 'deletePerson'; readonly personId: string }
  | { readonly op: 'joinGroups' | 'leaveGroups'; readonly personId: string; readonly groupIds: readonly string[] }
  | { readonly op: 'insertFace'; readonly face: NewFace }
  | { readonly op: 'deleteFaces'; readonly personId: string; readonly faceIds: readonly string[] }
  | { readonly op: 'view' }
  | { readonly op: 'read'; readonly commands: readonly Command[] }
  | { readonly op: 'write'; readonly commands: readonly Command[]; readonly throws: boolean };

/** Small enough that limits are met often. */
export const smallLimits: Limits = { groupsMax: 2, personsPerGroupMax: 2, facesPerPersonMax: 2 };

const personIds = ['张三', 'a', 'A'];
const groupIds = ['g', '组', 'g2'];
const faceIds = ['1', '2', '3', '4', '5'];

/** What a store answers to a command: a value, the name of a refusal, or another error's message. */
export async function outcome(store: Store, command: Command): Promise<unknown> {
  try {
    return { value: await perform(store, command) };
  } catch (error) {
    return error instanceof Refusal ? { refusal: error.refusal } : { error: (error as Error).message };
  }
}

async function perform(store: Store, command: Command): Promise<unknown> {
  switch (command.op) {
    case 'insertPerson':
      return store.insertPerson(command.person);
    case 'register':
      return store.register(command.member, smallLimits);
    case 'updatePerson':
      return store.updatePerson(command.personId, command.change);
    case 'deletePerson':
      return store.deletePerson(command.personId);
    case 'joinGroups':
      return store.joinGroups(command.personId, command.groupIds, smallLimits);
    case 'leaveGroups':
      return store.leaveGroups(command.personId, command.groupIds);
    case 'insertFace':
      return store.insertFace(command.face, smallLimits);
    case 'deleteFaces':
      return store.deleteFaces(command.personId, command.faceIds);
    case 'view':
      return view(store);
    case 'read':
      return store.read((store) => performAll(store, command.commands));
    case 'write':
      return store.write(async (store) => {
        const values = await performAll(store, command.commands);
        if (command.throws) throw new Error('changed my mind');
        return values;
      });
  }
}

async function performAll(store: Store, commands: readonly Command[]): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const command of commands) values.push(await perform(store, command));
  return values;
}

function detailsOf(details: PersonDetails | undefined): unknown {
  return details && { ...details, groupIds: idsOf(details.groupIds), faceIds: idsOf(details.faceIds) };
}

/** Everything that a store says of the ids that the commands use. */
export async function view(store: Store): Promise<unknown> {
  const persons = [];
  for (const id of personIds) {
    persons.push({
      person: await store.findPerson(id),
      details: detailsOf(await store.findDetails(id)),
      groups: idsOf(await store.groupsOf(id)),
      faces: idsOf(await store.facesOf(id)),
      embeddings: [await store.embeddingsOf(id, 'm1'), await store.embeddingsOf(id, 'm2')],
    });
  }
  const members = [];
  for (const id of groupIds) members.push(idsOf(await store.membersOf(id)));
  const faces = [];
  for (const id of faceIds) faces.push(await store.findFace(id));
  const found = await store.findFaces(faceIds);
  const seen = await store.findEmbeddings(faceIds, 'm1');
  const crops = await store.findCrops(faceIds);
  const any = [await store.hasAnyGroup(groupIds), await store.hasAnyGroup(groupIds.slice(1))];
  return {
    persons,
    groups: idsOf(await store.groups()),
    members,
    faces,
    found: found.length,
    seen: seen.toSorted((a, b) => Number(a.faceId) - Number(b.faceId)),
    crops: crops.toSorted((a, b) => Number(a.faceId) - Number(b.faceId)),
    any,
  };
}

/** A record as object literals make them. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const personId = fc.constantFrom(...personIds);
/** Some of the groups, in any order. */
const someGroups = fc.shuffledSubarray(groupIds);
const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const pixels = fc.integer({ min: -100_000, max: 1_000_000 }).map((hundredths) => hundredths / 100);
const percent = fc.integer({ min: 0, max: 100 });
const degrees = fc.integer({ min: -180, max: 180 });

const face: fc.Arbitrary<NewFace> = plain({
  id: fc.constantFrom(...faceIds),
  personId,
  tag: text,
  box: plain({ x: pixels, y: pixels, width: pixels, height: pixels }),
  attributes: plain({
    gender: percent,
    age: percent,
    expression: percent,
    glass: fc.boolean(),
    pitch: degrees,
    yaw: degrees,
    roll: degrees,
  }),
  model: fc.constantFrom('m1', 'm2'),
  embedding: fc.float32Array({ noNaN: true, minLength: 1, maxLength: 8 }),
  crop: fc.uint8Array({ maxLength: 64 }),
});

const change = fc.record({ name: text, tag: text }, { requiredKeys: [], noNullPrototype: true });

const single: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: plain({
      op: fc.constant('insertPerson'),
      person: plain({ id: personId, name: text, tag: text }),
    }),
  },
  { weight: 1, arbitrary: plain({ op: fc.constant('updatePerson'), personId, change }) },
  { weight: 1, arbitrary: plain({ op: fc.constant('deletePerson'), personId }) },
  { weight: 4, arbitrary: plain({ op: fc.constant('joinGroups'), personId, groupIds: someGroups }) },
  { weight: 2, arbitrary: plain({ op: fc.constant('leaveGroups'), personId, groupIds: someGroups }) },
  { weight: 4, arbitrary: plain({ op: fc.constant('insertFace'), face }) },
  { weight: 1, arbitrary: plain({ op: fc.constant('deleteFaces'), personId, faceIds: fc.subarray(faceIds) }) },
  { weight: 1, arbitrary: plain({ op: fc.constant('view') }) },
);

const member: fc.Arbitrary<NewMember> = fc
  .tuple(plain<Person>({ id: personId, name: text, tag: text }), someGroups, face)
  .map(([person, groupIds, face]) => ({ person, groupIds, face: { ...face, personId: person.id } }));

/** Any call, or any transaction of calls. */
export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: single },
  // Not within a transaction, which a refusal undoes.
  { weight: 2, arbitrary: plain({ op: fc.constant('register'), member }) },
  {
    weight: 1,
    arbitrary: plain({
      op: fc.constant('write'),
      commands: fc.array(single, { maxLength: 5 }),
      throws: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: plain({
      op: fc.constant('read'),
      commands: fc.array(plain({ op: fc.constant('view') }), { maxLength: 2 }),
    }),
  },
);
