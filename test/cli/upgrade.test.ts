/** A register is upgraded to another pack by commands, where no server runs. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { makeFolder, photograph, startApp } from '../harness.ts';
import { masterKeyText } from '../master-key.ts';
import { thumbnailManifest, thumbnailNetwork, writePack } from '../packs/made-up.ts';
import { begin, runHere } from './terminal.ts';

/** A folder with a register of three faces and the pack `thumbnail`; commands on it, and its appid. */
async function prepare(context: TestContext) {
  const data = await makeFolder();
  context.after(() => rm(data, { recursive: true }));
  let appid: string;
  {
    await using app = await startApp({ workers: 1, database: '' }, {}, data);
    appid = app.key.appid;
    for (const [person_id, number] of [
      ['ada', 1],
      ['bob', 2],
      ['carl', 4],
    ] as const) {
      const made = await app.form('newperson', { person_id, group_ids: ['g'], image: await photograph(number) });
      assert.equal(made.code, 0, made.text);
    }
  }
  const keyFile = join(data, 'key-of-test');
  await writeFile(keyFile, masterKeyText, { mode: 0o600 });
  const where = ['--data', data, '--master-key-file', keyFile];
  const handedOn = await writePack(join(data, 'handed-on'), thumbnailManifest('thumbnail'), thumbnailNetwork());
  const models = (...words: readonly string[]) => runHere('models', ...words, ...where);
  assert.equal((await models('add', handedOn)).exitCode, 0);
  return { data, appid, where, models };
}

test('a register is upgraded, paused, taken up, reverted and pruned by commands alone', async (context) => {
  const { data, appid, where, models } = await prepare(context);
  const json = async (...words: readonly string[]) => {
    const { exitCode, output, errors } = await models(...words, '--json');
    assert.equal(exitCode, 0, errors + output);
    return JSON.parse(output);
  };
  assert.match((await models('status')).output, /No upgrade/);
  const plan = await json('upgrade', 'thumbnail', '--dry-run');
  assert.deepEqual([plan.pack, plan.faces, plan.withoutCrop], ['thumbnail', 3, 0]);
  assert.ok(plan.msPerFace > 0 && plan.bytes > 3 * 4 * 192, JSON.stringify(plan));

  const svg = join(data, 'compared.svg');
  const compared = await json('compare', 'builtin', 'thumbnail', '--appid', appid, '--faces', '10', '--svg', svg);
  assert.deepEqual([compared.faces, compared.persons, compared.packs.length], [3, 3, 2]);
  for (const { others } of compared.packs) {
    assert.equal(
      others.reduce((sum: number, pairs: number) => sum + pairs, 0),
      3,
      'each pair of persons once',
    );
  }
  assert.match(await readFile(svg, 'utf8'), /^<svg .*<\/svg>\n$/s);
  const unknown = await models('compare', 'builtin', 'thumbnail', '--appid', '404');
  assert.equal(unknown.exitCode, 1);
  const { errors } = await models('compare', 'builtin', 'thumbnail', '--appid', appid, '--faces', '1e9');
  assert.match(errors, /--faces 1e9: a whole number from 2 to 20000/);

  const upgrading = begin('models', 'upgrade', 'thumbnail', '--without-failed', ...where);
  await setTimeout(1_000);
  assert.match((await models('pause')).output, /upgrade to thumbnail is paused/);
  assert.equal((await upgrading.ended).exitCode, 1);
  assert.equal((await json('status')).phase, 'paused');
  assert.deepEqual(await json('resume'), { pack: 'thumbnail', in_use: true, faces: 3 });
  assert.match((await runHere('models', 'list', '--data', data)).output, /^thumbnail +in use /m);
  // Who is enrolled by a command now gets the embeddings of both packs.
  const pictures = join(data, 'pictures');
  await mkdir(join(pictures, 'g', 'dora'), { recursive: true });
  await writeFile(join(pictures, 'g', 'dora', '1.jpg'), await photograph(6));
  const imported = await runHere('import', '--folders', pictures, '--appid', appid, ...where);
  assert.equal(imported.exitCode, 0, imported.errors);
  assert.equal((await json('revert')).in_use, true);
  assert.match((await runHere('models', 'list', '--data', data)).output, /^builtin +in use /m);

  const again = begin('models', 'upgrade', 'thumbnail', ...where);
  await setTimeout(1_000);
  assert.equal((await models('prune')).exitCode, 1, 'not while an upgrade is under way');
  assert.deepEqual(await json('cancel'), { pack: 'thumbnail' });
  assert.equal((await again.ended).exitCode, 1);
  assert.deepEqual(await json('prune'), { packs: ['thumbnail'], embeddings: 4 });
  assert.equal((await models('cancel')).exitCode, 1);
});

test('an upgrade whose command was stopped is taken up by another one, although nobody paused it', async (context) => {
  const { where, models } = await prepare(context);
  const stopped = begin('models', 'upgrade', 'thumbnail', ...where);
  await setTimeout(1_000);
  stopped.stop('SIGINT');
  const { exitCode, errors } = await stopped.ended;
  assert.deepEqual([exitCode, /models resume/.test(errors)], [1, true], errors);
  const resumed = await models('resume', '--json');
  assert.equal(resumed.exitCode, 0, resumed.errors);
  assert.deepEqual(JSON.parse(resumed.output), { pack: 'thumbnail', in_use: true, faces: 3 });
});
