import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import type { Report } from '../../bench/vision/report.ts';
import { root } from '../harness.ts';

let folder: string;

/** Faces of one photograph that are found alone: the left and the right third. */
const crops = [
  { name: 'ada/1.jpg', left: 957 },
  { name: 'ada/2.jpg', left: 987 },
] as const;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-eval-'));
  await mkdir(join(folder, 'manifests'));
  await mkdir(join(folder, 'ada'));
  const sample = join(root, 'node_modules/@vladmandic/face-api/demo/sample6.jpg');
  for (const { name, left } of crops) {
    await sharp(sample).extract({ left, top: 165, width: 600, height: 600 }).jpeg().toFile(join(folder, name));
  }
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

const evaluate = (...args: string[]) =>
  promisify(execFile)('npm', ['run', '-s', 'eval', '--', '--data', folder, ...args], { cwd: root });

test('a folder with few manifests is measured as far as they go, and what is missing is named', async () => {
  const { findings, missingManifests, missingPictures }: Report = JSON.parse((await evaluate('--json')).stdout);
  assert.deepEqual(missingPictures, ['gone.jpg']);
  assert.deepEqual(missingManifests, ['pairs', 'sessions', 'pose', 'ages', 'smile', 'smile_degree', 'glasses', 'odd']);
  assert.deepEqual(Object.keys(findings), ['near-duplicates', 'detection', 'gender', 'refusals', 'timings']);
  const figureOf = (measure: string, name: string) => {
    const figure = findings[measure]!.figures.find((one) => one.name === name);
    assert.ok(figure, `${measure} has ${name}`);
    return figure;
  };
  assert.equal(figureOf('near-duplicates', 'recall, edits that must be recognised').value, 1);
  assert.equal(figureOf('detection', 'recall, faces that are counted only').value, 1);
  const alarms = figureOf('detection', 'pictures without faces in which one is found');
  assert.deepEqual([alarms.value, alarms.of], [0, 1]);
  assert.ok(alarms.interval!.high > 0.7, 'one picture says little');
});

test('a measure that is not known is refused with those that are', async () => {
  await assert.rejects(evaluate('beauty'), /no measure is called beauty; there are: verification, /);
});

test('the page of results has every measure, each figure with what it is of, and tells no folder', async () => {
  const page = await readFile(join(root, 'docs/eval.md'), 'utf8');
  const source = await readFile(join(root, 'bench/vision/evaluate.ts'), 'utf8');
  const table = /> = \{\n([\s\S]*?)\n\};/.exec(source)![1]!;
  const names = [...table.matchAll(/^ {2}'?([\w -]+?)'?: \{/gm)].map(([, name]) => name!);
  assert.ok(names.length >= 12, `${names}`);
  const titles = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title!);
  assert.deepEqual(titles, names);
  for (const line of page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| figure'))) {
    assert.match(line, /^\| .+ \| .+ \| .+ \| [\d,]+ \| .+ \|$/);
  }
  assert.doesNotMatch(page, /\/(home|root|work|tmp)\//);
});
