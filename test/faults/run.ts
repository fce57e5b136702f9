/**
 * Makes each fault of the table in a copy of the repository and runs the test that must notice it:
 * `npm run faults -- [words]` takes the faults whose file, test or description has one of the words.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
  'package.json',
  'tsconfig.json',
  'README.md',
  'ARCHITECTURE.md',
];
/** The longest that one test may take, in milliseconds; a fault that makes it hang is noticed by this. */
const timeoutMs = 30_000;

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const chosen = faults.filter((fault) => {
  const text = Object.values(fault).join('\n').toLowerCase();
  return words.length === 0 || words.some((word) => text.includes(word));
});

const copy = mkdtempSync(join(tmpdir(), 'familiar-faults-'));
try {
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  let unnoticed = 0;
  for (const [i, fault] of chosen.entries()) {
    const complaint = (await fails(fault)) ? 'fails without the fault' : await makeAndRun(fault);
    if (complaint !== undefined) unnoticed += 1;
    console.log(
      `${i + 1}/${chosen.length} ${complaint === undefined ? 'noticed' : `NOT NOTICED, ${complaint}`}: ${fault.breaks}`,
    );
    console.log(`    ${fault.file}, held by "${fault.testName}" in ${fault.testFile}`);
  }
  console.log(`${chosen.length - unnoticed} of ${chosen.length} faults are noticed by name`);
  process.exitCode = unnoticed === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true });
}

async function makeAndRun(fault: Fault): Promise<string | undefined> {
  const path = join(copy, 'src', fault.file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace(fault.right, () => fault.wrong),
  );
  try {
    return (await fails(fault)) ? undefined : 'the test passes';
  } finally {
    writeFileSync(path, text);
  }
}

/**
 * Whether the test fails.
 * @throws Error if it does not run at all.
 */
async function fails({ testFile, testName }: Fault): Promise<boolean> {
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
