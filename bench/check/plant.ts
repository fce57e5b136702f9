/** Puts doubles and strays into a register, and tells what a check found of them. */
import type { Finding } from '../../src/store/check/finding.ts';

/** A face to register. */
export interface PlantedFace<F> {
  readonly id: string;
  readonly face: F;
}

/** Persons by their ids, with what was planted among them. */
export interface Planted<F> {
  readonly persons: ReadonlyMap<string, readonly PlantedFace<F>[]>;
  /** Pairs of persons who are one. */
  readonly doubles: readonly (readonly [string, string])[];
  /** Faces of somebody else: half of them of persons who are registered, half of strangers. */
  readonly strays: ReadonlySet<string>;
}

/**
 * Plants doubles and strays. A double is a person whose photographs are divided: half of them are of the person, half of a second one. A stray
 * is a photograph more of a person that has two or more.
 * @param people all faces of each.
 * @param strangers faces of people who are not registered, as many as half of the strays.
 * @param facesOfDouble how many faces a person has at least that is made a double of.
 * @param below draws a whole number below one.
 */
export function plant<F>(
  people: ReadonlyMap<string, readonly F[]>,
  strangers: readonly F[],
  count: { readonly doubles: number; readonly strays: number; readonly facesOfDouble: number },
  below: (end: number) => number,
): Planted<F> {
  const ids = shuffled([...people.keys()], below);
  const halved = new Set(ids.filter((id) => people.get(id)!.length >= count.facesOfDouble).slice(0, count.doubles));
  const rest = ids.filter((id) => !halved.has(id));
  const spoilt = rest.filter((id) => people.get(id)!.length >= 2).slice(0, count.strays);
  // Whose photograph a stray is keeps its others.
  const lenders = rest.filter((id) => people.get(id)!.length >= 2 && !spoilt.includes(id)).slice(0, count.strays / 2);
  const lent = new Map(lenders.map((id) => [id, people.get(id)!.at(-1)!]));
  let faces = 0;
  const named = (some: readonly F[]): PlantedFace<F>[] => some.map((face) => ({ id: String(++faces), face }));
  const persons = new Map<string, PlantedFace<F>[]>();
  const doubles: [string, string][] = [];
  for (const [id, all] of people) {
    const own = lent.has(id) ? all.slice(0, -1) : all;
    if (!halved.has(id)) persons.set(id, named(own));
    else {
      const half = own.length >> 1;
      persons.set(id, named(own.slice(0, half)));
      persons.set(`${id}-again`, named(own.slice(half)));
      doubles.push([id, `${id}-again`]);
    }
  }
  const stray = [...lent.values(), ...strangers].slice(0, spoilt.length);
  const strays = new Set<string>();
  for (const [i, id] of spoilt.entries()) {
    const [planted] = named([stray[i]!]);
    persons.get(id)!.push(planted!);
    strays.add(planted!.id);
  }
  return { persons, doubles, strays };
}

/** What a check found of what was planted. */
export interface Score {
  readonly doubles: number;
  readonly strays: number;
  /** Doubles and strays that are proposed and were not planted. */
  readonly falseAlarms: readonly Finding[];
}

/** Compares what was found with what was planted. */
export function scoreOf({ doubles, strays }: Omit<Planted<unknown>, 'persons'>, findings: readonly Finding[]): Score {
  const pairs = new Set(doubles.map((pair) => pair.toSorted().join('\n')));
  let [foundDoubles, foundStrays] = [0, 0];
  const falseAlarms: Finding[] = [];
  for (const finding of findings) {
    if (finding.kind === 'double' && pairs.has(finding.persons.toSorted().join('\n'))) foundDoubles += 1;
    else if (finding.kind === 'stray' && strays.has(finding.face)) foundStrays += 1;
    else if (finding.kind === 'double' || finding.kind === 'stray') falseAlarms.push(finding);
  }
  return { doubles: foundDoubles, strays: foundStrays, falseAlarms };
}

function shuffled<T>(items: T[], below: (end: number) => number): readonly T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}
