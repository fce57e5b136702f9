/** The page about appids and keys shows commands that work. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { runHere } from '../cli/terminal.ts';
import { readBlocks } from './blocks.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-tenants-page-'));
});
after(() => rm(folder, { recursive: true }));

test('the commands of the page work one after the other', async () => {
  const blocks = readBlocks().filter(({ page, language }) => page === 'docs/tenants.md' && language === 'sh');
  const commands = blocks.flatMap(({ text }) => text.split('\n'));
  assert.equal(commands.length, 9);
  let secretId = '';
  for (const command of commands) {
    assert.match(command, /^npm run -s familiar -- (tenants|keys) /);
    const words = (command.match(/'[^']*'|\S+/g) ?? []).slice(5).map((word) => word.replaceAll("'", ''));
    const given = words.map((word) => (word === 'AKID…' ? secretId : word));
    const { exitCode, output, errors } = await runHere(...given, '--json', '--data', join(folder, 'data'));
    assert.equal(exitCode, 0, `${command}: ${errors}`);
    if (words[1] === 'add' && words[0] === 'keys') secretId = JSON.parse(output).secret_id;
  }
});
