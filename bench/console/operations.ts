/** Measures the operations that the console asks for. */
import type { OperationName } from '../../src/contract/operator/operations.ts';
import { everybody, groupOf, nameOf, personIdOf } from './fill.ts';
import type { Operator, Register } from './subject.ts';

/** A person in the middle of a register, another one each time. */
export const someone = ({ persons }: Register, i: number): number =>
  Math.floor(persons / 4) + ((i * 37) % Math.floor(persons / 2));
/** `2026-11-30`, in UTC. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** The place after a person in the list of all. */
export function cursorAt(person: number): { readonly id: string; readonly name: string } {
  return { id: personIdOf(person), name: '' };
}

/** How long something took each time, in milliseconds. */
export interface Timed {
  readonly title: string;
  readonly ms: readonly number[];
}

/** How often each operation is asked for. */
export const askings = 20;

/** What is asked for, as the pages ask for it. */
type Asked = readonly (readonly [title: string, name: OperationName, body: (i: number) => object])[];

const askedOf = (register: Register): Asked => {
  const { appid } = register.key;
  const at = (i: number) => someone(register, i);
  return [
    ['groups, the first page', 'register.groups', () => ({ appid })],
    ['groups that begin with a text', 'register.groups', (i) => ({ appid, prefix: `group-01${i % 10}` })],
    ['persons, the first page', 'register.persons', () => ({ appid })],
    ['persons, a page in the middle', 'register.persons', (i) => ({ appid, cursor: cursorAt(at(i)) })],
    ['the page before it', 'register.persons', (i) => ({ appid, cursor: cursorAt(at(i)), isBackward: true })],
    [
      'persons whose id begins with a text',
      'register.persons',
      (i) => ({ appid, prefix: personIdOf(at(i)).slice(0, -2) }),
    ],
    [
      'persons whose name begins with a text',
      'register.persons',
      (i) => ({ appid, by: 'name', prefix: nameOf(at(i)).slice(0, 7) }),
    ],
    [
      'the group of all, a page in the middle',
      'register.persons',
      (i) => ({ appid, group: everybody, cursor: cursorAt(at(i)) }),
    ],
    [
      'names in a group of 1,000',
      'register.persons',
      (i) => ({ appid, group: groupOf(at(i)), by: 'name', prefix: '李' }),
    ],
    ['a person', 'register.person', (i) => ({ appid, person: personIdOf(at(i)) })],
    ['its faces', 'register.faces', (i) => ({ appid, person: personIdOf(at(i)) })],
    ['its groups', 'register.groupsOf', (i) => ({ appid, person: personIdOf(at(i)) })],
    ['its history', 'register.history', (i) => ({ appid, person: personIdOf(at(i)) })],
    ['corrections that can be undone', 'persons.corrections', () => ({ appid })],
    ['appids', 'tenants.list', () => ({})],
    ['an appid', 'tenants.show', () => ({ appid })],
    ['keys', 'keys.list', () => ({ appid })],
    ['usage of a month', 'usage.report', () => ({ appid, from: today(), to: today(), by: ['endpoint'] })],
    ['the newest lines of the audit', 'audit.list', () => ({ appid })],
    ['the state of the server', 'server.show', () => ({})],
    ['a name is changed', 'register.setPerson', (i) => ({ appid, person: personIdOf(at(i)), name: `Renamed ${i}` })],
    ['a group is joined', 'register.joinGroups', (i) => ({ appid, person: personIdOf(at(i)), groups: ['new'] })],
    ['a group is left', 'register.leaveGroups', (i) => ({ appid, person: personIdOf(at(i)), groups: ['new'] })],
    [
      'a person gets another id',
      'persons.correct',
      (i) => ({ appid, correction: { kind: 'rename', from: personIdOf(i), to: `renamed-${i}` } }),
    ],
    ['a person is erased', 'register.erasePerson', (i) => ({ appid, person: `renamed-${i}` })],
    [
      'a group of 1,000 is ended',
      'register.eraseGroup',
      (i) => ({ appid, group: groupOf(register.persons - 1 - i * 1_000) }),
    ],
  ];
};

/** Asks for each operation. */
export async function measureOperations(register: Register, { ask, cropMs }: Operator): Promise<readonly Timed[]> {
  const timed: Timed[] = [];
  for (const [title, name, body] of askedOf(register)) {
    const ms: number[] = [];
    for (let i = 0; i < askings; i += 1) {
      const begun = performance.now();
      await ask(name, body(i));
      ms.push(performance.now() - begun);
    }
    timed.push({ title, ms });
  }
  const ms: number[] = [];
  for (let i = 0; i < askings; i += 1)
    ms.push(await cropMs(String(10n ** 18n + BigInt(someone(register, i)) * 2_048n)));
  timed.push({ title: 'the picture of a face', ms });
  return timed;
}
