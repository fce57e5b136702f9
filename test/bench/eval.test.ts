import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { measures } from '../../bench/vision/measures.ts';
import type { Report } from '../../bench/vision/report.ts';
import { root, startApp } from '../harness.ts';

let folder: string;

/** Parts of one photograph with one face each; the first two show one person. */
const crops = [
  { name: 'ada/1.jpg', left: 957, top: 165, width: 600, height: 600 },
  { name: 'ada/2.jpg', left: 987, top: 165, width: 600, height: 600 },
  { name: 'bob/1.jpg', left: 60, top: 380, width: 550, height: 500 },
] as const;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-eval-'));
  await mkdir(join(folder, 'manifests'));
  await mkdir(join(folder, 'ada'));
  await mkdir(join(folder, 'bob'));
  const sample = join(root, 'node_modules/@vladmandic/face-api/demo/sample6.jpg');
  for (const { name, ...part } of crops) await sharp(sample).extract(part).jpeg().toFile(join(folder, name));
  await sharp(join(folder, 'ada/1.jpg')).resize(400).jpeg({ quality: 60 }).toFile(join(folder, 'ada/copy.jpg'));
  await cp(sample, join(folder, 'group.jpg'));
  await sharp({ create: { width: 300, height: 200, channels: 3, background: 'teal' } })
    .png()
    .toFile(join(folder, 'none.png'));
  const manifest = (name: string, text: string) => writeFile(join(folder, 'manifests', `${name}.csv`), text);
  await manifest('near_dups', 'pathA,pathB,dup,kind,level\nada/1.jpg,ada/copy.jpg,1,resized,must\n');
  await manifest('detection', 'path,count,count_max,boxes\ngroup.jpg,4,4,\nnone.png,0,0,\ngone.jpg,1,1,\n');
  await manifest('gender', 'path,gender\nada/1.jpg,f\n');
});

after(() => rm(folder, { recursive: true, force: true }));

const evaluate = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  promisify(execFile)('npm', ['run', '-s', 'eval', '--', '--data', folder, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });

function figureOf({ findings }: Report, measure: string, name: string) {
  const figure = findings[measure]?.figures.find((one) => one.name === name);
  assert.ok(figure, `${measure} has ${name}`);
  return figure;
}

test('a folder with few manifests is measured as far as they go, and what is missing is named', async () => {
  const report: Report = JSON.parse((await evaluate(['--json'])).stdout);
  const { findings, given, missingManifests, missingPictures } = report;
  assert.deepEqual(missingPictures, ['gone.jpg']);
  assert.deepEqual(missingManifests, ['pairs', 'sessions', 'pose', 'ages', 'smile', 'smile_degree', 'glasses', 'odd']);
  assert.deepEqual(Object.keys(findings), ['near-duplicates', 'detection', 'gender', 'refusals', 'timings']);
  assert.deepEqual(
    given.map(({ name, lines, pictures, there, folders }) => ({ name, lines, pictures, there, folders })),
    [
      { name: 'near_dups', lines: 1, pictures: 2, there: 2, folders: ['ada'] },
      { name: 'detection', lines: 3, pictures: 3, there: 2, folders: ['.'] },
      { name: 'gender', lines: 1, pictures: 1, there: 1, folders: ['ada'] },
    ],
  );
  assert.equal(figureOf(report, 'near-duplicates', 'recall, edits that must be recognised').value, 1);
  assert.equal(figureOf(report, 'detection', 'recall, faces that are counted only').value, 1);
  const alarms = figureOf(report, 'detection', 'pictures without faces in which one is found');
  assert.deepEqual([alarms.value, alarms.of], [0, 1]);
  assert.ok(alarms.interval!.high > 0.7, 'one picture says little');
});

test('a measure that is not known is refused with those that are', async () => {
  await assert.rejects(evaluate(['beauty']), /no measure is called beauty; there are: verification, /);
});

test('a manifest without a column that it must have is refused, and both are named', async () => {
  const file = join(folder, 'manifests', 'ages.csv');
  await writeFile(file, 'path,years\nada/1.jpg,30\n');
  await assert.rejects(evaluate(['age']), /manifests\/ages.csv needs a column age, gender/);
  await rm(file);
});

test('a running server is measured by its answers, and whom it was given it forgets', async () => {
  await using server = await startApp();
  const pairs = 'pathA,pathB,same,fold\nada/1.jpg,ada/2.jpg,1,1\nada/1.jpg,bob/1.jpg,0,1\n';
  await writeFile(join(folder, 'manifests', 'pairs.csv'), pairs);
  const { appid, secretId, secretKey } = server.key;
  const against = ['--against', server.app.url, '--appid', appid, '--secret-id', secretId, '--json'];
  const { stdout } = await evaluate(
    [
      ...against,
      'verification',
      'identification',
      'near-duplicates',
      'detection',
      'gender',
      'several faces of a person',
    ],
    { FAMILIAR_EVAL_SECRET_KEY: secretKey },
  );
  await rm(join(folder, 'manifests', 'pairs.csv'));
  const report: Report = JSON.parse(stdout);
  // What no call tells is left out.
  assert.deepEqual(Object.keys(report.findings), [
    'verification',
    'identification',
    'near-duplicates',
    'detection',
    'gender',
  ]);
  const accuracy = figureOf(report, 'verification', 'accuracy at its own best threshold');
  assert.deepEqual([accuracy.value, accuracy.of], [1, 2]);
  const first = 'everybody with two pictures enrolled, 1 persons: rank-1 rate';
  assert.equal(figureOf(report, 'identification', first).value, 1);
  const [gallery] = report.findings.identification!.grids![0]!.rows;
  assert.equal(gallery!.cells.at(-1), 1, 'one stranger was searched for');
  assert.equal(figureOf(report, 'near-duplicates', 'recall, edits that must be recognised').value, 1);
  assert.equal(figureOf(report, 'detection', 'recall, faces that are counted only').value, 1);
  assert.equal(figureOf(report, 'gender', 'gender.csv: accuracy').value, 1);
  assert.equal((await server.json('getgroupids', {})).code, -1307, 'no group is left');
});

test('without a key a server is not measured, and no page is written of it', async () => {
  const against = ['--against', 'http://127.0.0.1:9'];
  await assert.rejects(evaluate(against), /FAMILIAR_EVAL_SECRET_KEY/);
  await assert.rejects(evaluate([...against, '--write']), /without --against/);
});

test('the page of results has a section a measure, in their order, tables that are whole, and tells no folder', async () => {
  const page = await readFile(join(root, 'docs/eval.md'), 'utf8');
  const titles = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title!);
  assert.ok(titles.length >= 12, `${titles}`);
  assert.deepEqual(
    titles,
    Object.keys(measures).filter((name) => titles.includes(name)),
  );
  const tables = page
    .trimEnd()
    .split('\n\n')
    .filter((block) => block.startsWith('| '));
  assert.ok(tables.length >= titles.length);
  for (const [head = '', , ...lines] of tables.map((block) => block.split('\n'))) {
    assert.ok(lines.length > 0, head);
    for (const line of lines) {
      assert.equal(line.split(' | ').length, head.split(' | ').length, line);
      if (head.startsWith('| figure | value |')) assert.match(line, /^\| .+ \| .+ \| .+ \| .*[\d,]+.* \| .+ \|$/);
    }
  }
  assert.doesNotMatch(page, /\/(home|root|work|tmp)\//);
});
