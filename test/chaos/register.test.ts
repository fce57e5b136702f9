/** That the reckoning of a disturbed registry notices what is lost, half done or done twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.ts';
import { type Change, type Outcome, type Person, Register } from './register.ts';

const lost: Outcome = { kind: 'lost' };
const refused: Outcome = { kind: 'refused', code: 15 };
const done = (data: Record<string, unknown> = {}): Outcome => ({ kind: 'done', data });

function change(endpoint: Change['endpoint'], fields: Change['fields'] = {}): Change {
  return { endpoint, personId: 'p', fields, picture: undefined };
}

const newPerson = change('newperson', { person_name: 'n', tag: '', group_ids: ['g', 'h'] });
const made: Person = { name: 'n', tag: '', groups: ['g', 'h'], faces: ['1'] };

/** A register after changes. */
function after(...changes: readonly (readonly [Change, Outcome])[]): Register {
  const register = new Register('c');
  for (const [one, outcome] of changes) register.apply(one, outcome);
  return register;
}

/** Whether what is found is taken for what may be there. */
function isRight(found: Person | undefined, ...changes: readonly (readonly [Change, Outcome])[]): boolean {
  try {
    after(...changes).settle('p', found);
    return true;
  } catch (error) {
    assert.ok(error instanceof assert.AssertionError);
    return false;
  }
}

const registered = [newPerson, done({ face_id: '1' })] as const;

test('what was acknowledged must be there, to the last value', () => {
  assert.ok(isRight(made, registered));
  for (const wrong of [
    undefined,
    { ...made, name: '' },
    { ...made, tag: 't' },
    { ...made, groups: ['g'] },
    { ...made, groups: ['h', 'g'] },
    { ...made, faces: [] },
    { ...made, faces: ['2'] },
    { ...made, faces: ['1', '2'] },
  ]) {
    assert.ok(!isRight(wrong, registered), JSON.stringify(wrong));
  }
});

test('what was refused must have left nothing', () => {
  assert.ok(isRight(undefined, [newPerson, refused]));
  assert.ok(!isRight(made, [newPerson, refused]));
  const erasing = [change('delperson'), refused] as const;
  assert.ok(isRight(made, registered, erasing));
  assert.ok(!isRight(undefined, registered, erasing));
});

test('what got no answer must be there whole or not at all', () => {
  assert.ok(isRight(undefined, [newPerson, lost]));
  assert.ok(isRight({ ...made, faces: ['any'] }, [newPerson, lost]));
  for (const half of [
    { ...made, faces: [] },
    { ...made, groups: ['g'] },
  ]) {
    assert.ok(!isRight(half, [newPerson, lost]), JSON.stringify(half));
  }
  const leaving = [change('delgroupids', { group_ids: ['g', 'h'] }), lost] as const;
  assert.ok(isRight(made, registered, leaving));
  assert.ok(isRight({ ...made, groups: [] }, registered, leaving));
  assert.ok(!isRight({ ...made, groups: ['h'] }, registered, leaving));
  const erasing = [change('delperson'), lost] as const;
  assert.ok(isRight(made, registered, erasing));
  assert.ok(isRight(undefined, registered, erasing));
});

test('each change has its own effect', () => {
  const added = done({ face_ids: ['2'], ret_codes: [0] });
  const alike = done({ face_ids: ['1'], ret_codes: [-1312] });
  for (const [one, outcome, expected] of [
    [change('setinfo', { tag: 't' }), done(), { ...made, tag: 't' }],
    [change('setinfo'), done(), made],
    [change('addgroupids', { group_ids: ['h', 'i'] }), done(), { ...made, groups: ['g', 'h', 'i'] }],
    [change('delgroupids', { group_ids: ['g', 'x'] }), done(), { ...made, groups: ['h'] }],
    [change('addface'), added, { ...made, faces: ['1', '2'] }],
    [change('addface'), alike, made],
    [change('delface', { face_ids: ['1'] }), done(), { ...made, faces: [] }],
    [change('delperson'), done(), undefined],
  ] as const) {
    assert.ok(isRight(expected, registered, [one, outcome]), one.endpoint);
    const isChanged = expected !== made;
    assert.equal(isRight(made, registered, [one, outcome]), !isChanged, one.endpoint);
  }
});

test('once it was read what became of a call, nothing else will do', () => {
  const register = after([newPerson, lost]);
  assert.deepEqual(register.present, []);
  register.settle('p', { ...made, faces: ['7'] });
  assert.deepEqual(register.present, ['p']);
  assert.deepEqual(register.membersOf('g'), ['p']);
  assert.deepEqual(register.membersOf('i'), []);
  assert.throws(() => register.settle('p', { ...made, faces: ['8'] }), assert.AssertionError);
  assert.throws(() => register.settle('p', undefined), assert.AssertionError);
});

test('a seed draws the same changes again, each of somebody who is there or is to be', () => {
  const draw = (seed: number) => {
    const [register, random] = [new Register('c'), new Random(seed)];
    const drawn: Change[] = [];
    for (let i = 0; i < 200; i++) {
      const one = register.draw(random, 4);
      assert.ok(one.endpoint === 'newperson' || register.present.includes(one.personId));
      register.apply(
        one,
        one.endpoint === 'addface' ? done({ face_ids: [`${i}`], ret_codes: [0] }) : done({ face_id: `${i}` }),
      );
      drawn.push(one);
    }
    return drawn;
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  assert.equal(new Set(draw(3).map(({ endpoint }) => endpoint)).size, 7, 'every kind of change is drawn');
});
