/**
 * Makes each fault of the table in a copy of the repository and runs the test that must notice it:
 * `npm run faults -- [words]` takes the faults whose file, test or description has one of the words.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { faults } from './all.ts';
import type { Fault } from './fault.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** What tests read of the repository. */
const copied = [
  'src',
  'test',
  'docs',
  'demo',
  'bench',
  'tools',
  'package.json',
  'tsconfig.json',
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
];
/** The longest that one test may take, in milliseconds; a fault that makes it hang is noticed by this. */
const timeoutMs = 30_000;

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const chosen = faults.filter((fault) => {
  const text = Object.values(fault).join('\n').toLowerCase();
  return words.length === 0 || words.some((word) => text.includes(word));
});

/** Tests that were run without a fault, and whether they failed; many faults share one. */
const unharmed = new Map<string, Promise<boolean>>();

const folder = mkdtempSync(join(tmpdir(), 'familiar-faults-'));
try {
  const waiting = chosen.values();
  let [done, unnoticed] = [0, 0];
  const lane = async (copy: string): Promise<void> => {
    makeCopy(copy);
    for (const fault of waiting) {
      const complaint = await tryFault(copy, fault);
      done += 1;
      if (complaint !== undefined) unnoticed += 1;
      const outcome = complaint === undefined ? 'noticed' : `NOT NOTICED, ${complaint}`;
      console.log(`${done}/${chosen.length} ${outcome}: ${fault.breaks}`);
      console.log(`    ${fault.file}, held by "${fault.testName}" in ${fault.testFile}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, (_, i) => lane(join(folder, String(i)))));
  console.log(`${done - unnoticed} of ${chosen.length} faults are noticed by name`);
  process.exitCode = unnoticed === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

function makeCopy(copy: string): void {
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
}

/** What is wrong, if the fault is not noticed. */
async function tryFault(copy: string, fault: Fault): Promise<string | undefined> {
  const key = `${fault.testFile}\n${fault.testName}`;
  const before = unharmed.get(key) ?? fails(copy, fault);
  unharmed.set(key, before);
  if (await before) return 'the test fails without the fault';
  const path = join(copy, 'src', fault.file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace(fault.right, () => fault.wrong),
  );
  try {
    return (await fails(copy, fault)) ? undefined : 'the test passes';
  } finally {
    writeFileSync(path, text);
  }
}

/**
 * Whether the test fails.
 * @throws Error if it does not run at all.
 */
async function fails(copy: string, { testFile, testName }: Fault): Promise<boolean> {
  const pattern = `/^${testName.replace(/[/\\^$*+?.()|[\]{}]/g, '\\$&')}$/`;
  // Without the setup of a run, which would live in this process and know nothing of faults.
  const events = run({
    cwd: copy,
    files: [join(copy, 'test', testFile)],
    // A fault may leave threads or sockets behind, which would keep the test's process alive, or loop for ever.
    execArgv: ['--test-force-exit', '--import', join(copy, 'test', 'guard.ts')],
    testNamePatterns: pattern,
    timeout: timeoutMs,
  });
  const outcomes: boolean[] = [];
  events.on('test:pass', ({ name, skip }) => {
    if (name === testName && skip === undefined) outcomes.push(false);
  });
  events.on('test:fail', ({ name }) => {
    if (name === testName) outcomes.push(true);
  });
  // Without a reader the stream would stop.
  for await (const _ of events);
  if (outcomes.length === 0) throw new Error(`${testFile} has run no test "${testName}"`);
  return outcomes.includes(true);
}
