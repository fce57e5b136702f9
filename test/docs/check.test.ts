/** The page about checks and retention shows commands that work. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { runHere } from '../cli/terminal.ts';
import { makeFolder, photograph, startApp } from '../harness.ts';
import { masterKeyText } from '../master-key.ts';
import { readBlocks } from './blocks.ts';

let folder: string;
before(async () => {
  folder = await makeFolder();
});
after(() => rm(folder, { recursive: true }));

test('the commands of the page work one after the other, beside a server', async () => {
  const keyFile = join(folder, 'master.key');
  await writeFile(keyFile, masterKeyText);
  await using app = await startApp({}, {}, folder);
  const { appid } = app.key;
  for (const [id, number] of [
    ['a', 1],
    ['b', 1],
    ['c', 2],
    ['d', 2],
  ] as const) {
    const image = new Uint8Array(await photograph(number));
    const { code } = await app.form('newperson', { person_id: id, 'group_ids[0]': 'g', image });
    assert.equal(code, 0);
  }
  const blocks = readBlocks().filter(({ page, language }) => page === 'docs/check.md' && language === 'sh');
  const commands = blocks.flatMap(({ text }) => text.split('\n'));
  assert.equal(commands.length, 9);
  const place = ['--data', folder, '--master-key-file', keyFile];
  const run = async (...words: readonly string[]) => {
    const { exitCode, output, errors } = await runHere(...words, '--json', ...place);
    assert.equal(exitCode, 0, `${words.join(' ')}: ${errors}`);
    return JSON.parse(output);
  };
  for (const command of commands) {
    assert.match(command, /^npm run -s familiar -- (check|tenants|retention) /);
    const words = command
      .split(' ')
      .slice(5)
      .map((word) => (word === '1000001' ? appid : word));
    const place = words.indexOf('ID…');
    if (place >= 0) words[place] = (await run('check', 'list', '--appid', appid))[0].id;
    const answer = await run(...words);
    if (words.length === 3) {
      assert.deepEqual(
        answer.proposals.map(({ finding }: { finding: { kind: string; samePicture: boolean } }) => [
          finding.kind,
          finding.samePicture,
        ]),
        [
          ['double', true],
          ['double', true],
        ],
      );
      assert.equal(answer.persons_with_one_face, 4);
    }
  }
  assert.deepEqual(await run('check', 'list', '--appid', appid), []);
});
