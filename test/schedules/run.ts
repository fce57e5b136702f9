/** Tries subjects under many schedules. */
import { parseArgs } from 'node:util';
import { runSchedule } from './schedule.ts';
import { type TrialName, trials } from './trials.ts';

/** How often it is told how far a trial is, in milliseconds. */
const progressMs = 10_000;

const usage = `npm run schedules -- [trial …] [--count N] [--seed N]

Runs subjects under schedules that a seed decides, and compares them with a model after each step.

  trial       ${Object.keys(trials).join(', ')}; all of them if none is named
  --count N   schedules of each trial; 1000 if absent
  --seed N    seed of the first schedule; the next one has the next. Chosen by chance if absent

FAMILIAR_SEED=N npm run schedules -- trial   runs one schedule alone, and prints what happens in it.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit();
}
const names = positionals.length > 0 ? positionals.map(toName) : (Object.keys(trials) as TrialName[]);
const seed = process.env.FAMILIAR_SEED;

try {
  for (const name of names) {
    if (seed === undefined) await runMany(name, Number(values.seed ?? Math.floor(Math.random() * 2 ** 32)));
    else await runOne(name, Number(seed));
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}

function toName(text: string): TrialName {
  if (!(text in trials)) throw new Error(`there is no trial "${text}": ${Object.keys(trials).join(', ')}`);
  return text as TrialName;
}

async function runOne(name: TrialName, seed: number): Promise<void> {
  await using trial = await trials[name]();
  for (const [i, event] of (await runSchedule(name, trial.subject, seed)).entries()) console.log(`${i + 1}. ${event}`);
}

async function runMany(name: TrialName, first: number): Promise<void> {
  await using trial = await trials[name]();
  const count = Number(values.count);
  const began = performance.now();
  let told = began;
  let events = 0;
  for (let done = 0; done < count; done++) {
    events += (await runSchedule(name, trial.subject, (first + done) >>> 0)).length;
    const now = performance.now();
    if (now - told < progressMs) continue;
    told = now;
    const leftMs = ((now - began) / (done + 1)) * (count - done - 1);
    console.error(`${name}: ${done + 1} of ${count} schedules, ${Math.ceil(leftMs / 1000)} s left`);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${name}: ${count} schedules from seed ${first} on, ${events} events, in ${seconds} s`);
}
