/** Every line of the help is run by a test: no command and no flag is taught that nobody has tried. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { flagOf, type SettingName, settingsTable } from '../../src/app/settings.ts';
import { root } from '../harness.ts';
import { runHere } from './terminal.ts';

/** Flags that every command takes, and that have tests of their own: those of settings are tested as settings. */
const shared = new Set(['--help', '--config', ...(Object.keys(settingsTable) as SettingName[]).map(flagOf)]);

/** The tests, and the pages whose commands they run. */
const sources = [...filesIn('test', /\.ts$/), ...filesIn('docs', /\.md$/)]
  .filter((file) => !/help(-lines)?\.test\.ts$/.test(file))
  .map((file) => readFileSync(file, 'utf8'));

function filesIn(folder: string, name: RegExp): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(file) && !file.startsWith('decisions'))
    .map((file) => join(root, folder, file));
}

test('every command that the help teaches is run by a test, and so is each of its flags', async () => {
  const left: string[] = [];
  for (const { words, flags } of await commands([])) {
    const spelled = new RegExp(words.map((word) => `\\b${word}\\b`).join(`['"]?[,(]?\\s*(?:\\.\\.\\.)?\\[?['"]?`));
    // Some tests spell the command in a function of theirs: `runHere('persons', ...words)`.
    const [first, last] = [words[0], words.at(-1)];
    const begun = new RegExp(`'${first}', \\.\\.\\.\\w`);
    const naming = sources.filter(
      (source) => spelled.test(source) || (begun.test(source) && source.includes(`'${last}'`)),
    );
    if (naming.length === 0) left.push(words.join(' '));
    for (const flag of flags) {
      const given = new RegExp(`${flag}\\b(?!-)`);
      if (!naming.some((source) => given.test(source))) left.push(`${words.join(' ')} ${flag}`);
    }
  }
  assert.deepEqual(left, []);
});

interface Taught {
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

/** Every command below one, and itself if it does anything, as the help teaches them. */
async function commands(words: readonly string[]): Promise<readonly Taught[]> {
  const { output, exitCode } = await runHere(...words, '--help');
  assert.equal(exitCode, 0, words.join(' '));
  const [head, below = ''] = output.split('\nCommands:\n');
  const flags = [...head!.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag!);
  const own = flags.filter((flag) => !shared.has(flag));
  const names = [...below.matchAll(/^ {2}([\w-]+) /gm)].map(([, name]) => name!).filter((name) => name !== 'help');
  const others = await Promise.all(names.map((name) => commands([...words, name])));
  const isCommand = words.length > 0 && (names.length === 0 || own.length > 0);
  return [...(isCommand ? [{ words, flags: own }] : []), ...others.flat()];
}
