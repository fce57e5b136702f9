/** The page about the audit shows commands that work. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { runHere } from '../cli/terminal.ts';
import { registerWithFace } from '../store/fixtures.ts';
import { readBlocks } from './blocks.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-audit-page-'));
  await using stores = await openData(readSettings({ data: join(folder, 'data') }, undefined, {}));
  const store = stores.of('1000001');
  await registerWithFace(store, 'ada', 'friends', '1');
  await store.deletePerson('ada');
});
after(() => rm(folder, { recursive: true }));

test('each command of the page does what is said of it', async () => {
  const commands = readBlocks().filter(({ page, language }) => page === 'docs/audit.md' && language === 'sh');
  assert.equal(commands.length, 8);
  for (const { text } of commands) {
    assert.match(text, /^npm run -s familiar -- audit /);
    const [words = '', redirected] = text.split(' > ');
    const given = words
      .split(' ')
      .slice(5)
      .map((word) => (/\.jsonl?$/.test(word) ? join(folder, word) : word));
    const { exitCode, output, errors } = await runHere(...given, '--data', join(folder, 'data'));
    assert.equal(exitCode, 0, `${text}: ${errors}`);
    if (redirected !== undefined) await writeFile(join(folder, redirected), output);
    if (text.endsWith('--id ada')) assert.equal(output.trimEnd().split('\n').length, 3, 'a head and two lines');
  }
  assert.equal((await readFile(join(folder, 'audit.jsonl'), 'utf8')).trimEnd().split('\n').length, 2);
});
