import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSchedule, type Schedule } from './schedule.ts';
import { type TrialName, trials } from './trials.ts';

/** Adds to a number that it reads, as two threads without a lock do: one of them may be forgotten. */
async function twoWithoutLock(schedule: Schedule): Promise<void> {
  let sum = 0;
  const add = async (who: string): Promise<void> => {
    await schedule.point(who, 'comes');
    const before = sum;
    await schedule.point(who, 'has read');
    sum = before + 1;
  };
  await Promise.all(['one', 'other'].map((who) => schedule.lane(who, () => add(who))));
  assert.equal(sum, 2);
}

/** What the schedule of a seed makes of a subject: the error's text, or nothing. */
const verdict = (subject: (schedule: Schedule) => Promise<void>, seed: number): Promise<string> =>
  runSchedule('toy', subject, seed).then(
    () => '',
    ({ message }: Error) => message,
  );

test('a race is found within a few schedules, and seen again with its seed', async () => {
  const verdicts: string[] = [];
  for (let seed = 0; seed < 20; seed++) verdicts.push(await verdict(twoWithoutLock, seed));
  const found = verdicts.findIndex((text) => text !== '');
  assert.ok(verdicts.includes(''), 'there are schedules in which the toy works');
  assert.match(verdicts[found]!, /1 !== 2[\s\S]*: comes\n[\s\S]*: comes\n/);
  assert.match(verdicts[found]!, new RegExp(`FAMILIAR_SEED=${found} npm run schedules -- toy$`));
  assert.equal(await verdict(twoWithoutLock, found), verdicts[found]);
});

test('one seed gives the same events in the same order, for every trial', async () => {
  for (const name of Object.keys(trials) as TrialName[]) {
    await using trial = await trials[name]();
    const traces = [];
    for (const seed of [1, 2, 3, 1, 2, 3]) traces.push(await runSchedule(name, trial.subject, seed));
    assert.deepEqual(traces.slice(3), traces.slice(0, 3));
    assert.notDeepEqual(traces[0], traces[1]);
  }
});

test('whoever waits for ever is named', async () => {
  const stuck = (schedule: Schedule) => schedule.lane('a lane', () => new Promise<void>(() => {}));
  assert.match(await verdict(stuck, 1), /for ever waits: the subject, a lane/);
});

test('whoever only waits for time goes on at once, and intervals alone keep nothing going', async () => {
  const waiting = async ({ clock }: Schedule): Promise<void> => {
    setInterval(() => {}, 60_000).unref();
    await new Promise((resolve) => setTimeout(resolve, 3_600_000));
    assert.equal(clock.now, 3_600_000);
  };
  for (let seed = 0; seed < 10; seed++) assert.equal(await verdict(waiting, seed), '');
});

test('what must always hold is checked after every event', async () => {
  const breaks = async (schedule: Schedule): Promise<void> => {
    let state = 'right';
    schedule.always(() => assert.equal(state, 'right'));
    await schedule.point('it', 'goes wrong');
    state = 'wrong';
    await schedule.point('it', 'is right again');
    state = 'right';
  };
  assert.match(await verdict(breaks, 1), /'wrong' !== 'right'[\s\S]*goes wrong\nagain/);
});
