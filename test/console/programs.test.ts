/** The first programs that the console shows, each run as it is shown. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import { apiUrl } from '../../console/src/start/api-url.ts';
import { type ProgramLanguage, programOf, programs } from '../../console/src/start/programs.ts';
import { photograph, startApp, type TestApp } from '../harness.ts';

const comments = { person: 'A person', recognition: '识别人脸' };
let app: TestApp;
let folder: string;

before(async () => {
  app = await startApp();
  folder = await mkdtemp(join(tmpdir(), 'familiar-programs-'));
  for (const name of ['ada.jpg', 'somebody.jpg']) await writeFile(join(folder, name), await photograph(1));
});

after(async () => {
  await app?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** What each program needs of the machine; it says so with exit code 0. Node itself is always there. */
const needs: Readonly<Record<ProgramLanguage, readonly string[]>> = {
  curl: ['sh', '-c', 'command -v curl && command -v openssl && command -v base64'],
  node: [process.execPath, '--version'],
  python: ['python3', '-c', 'import requests'],
  java: ['java', '--list-modules'],
  php: ['php', '-r', "exit(function_exists('curl_init') ? 0 : 1);"],
};

/** Runs a program in the folder with the photographs. */
async function run(language: ProgramLanguage, code: string): Promise<string> {
  const { file, command } = programs[language];
  await writeFile(join(folder, file), code);
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  const child = spawn('sh', ['-c', command], { cwd: folder, env: { ...process.env, PATH: path } });
  const said: Buffer[] = [];
  child.stdout.on('data', (bytes) => said.push(bytes));
  child.stderr.on('data', (bytes) => said.push(bytes));
  await new Promise((resolve) => child.on('close', resolve));
  return Buffer.concat(said).toString();
}

for (const language of Object.keys(programs) as ProgramLanguage[]) {
  const [word, ...words] = needs[language];
  const isMissing = spawnSync(word!, words, { stdio: 'ignore' }).status !== 0;
  const skip = isMissing && `this machine lacks what the program in ${language} needs`;
  test(`the first program in ${language} registers a person and recognises her`, { skip }, async () => {
    const { appid, secretId, secretKey } = app.key;
    await app.json('delperson', { person_id: 'ada' });
    const output = await run(
      language,
      programOf(language, { url: app.app.url, appid, secretId, secretKey, ...comments }),
    );
    const answers = output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      answers.map(({ code }) => code),
      [0, 0],
      output,
    );
    assert.deepEqual(answers[0].data.group_ids, ['friends']);
    assert.equal(answers[1].data.candidates[0].person_id, 'ada', output);
  });
}

test('no program is made with what could end a quoted text', () => {
  const values = { url: 'http://127.0.0.1:1', appid: '1', secretId: 's', secretKey: 'k', ...comments };
  assert.match(
    programOf('java', values),
    /URL = "http:\/\/127\.0\.0\.1:1", APPID = "1", SECRET_ID = "s", SECRET_KEY = "k"/,
  );
  for (const language of Object.keys(programs) as ProgramLanguage[]) {
    assert.doesNotMatch(programOf(language, values), /@(?!ada|somebody)\w+\b/);
    for (const name of ['url', 'appid', 'secretId', 'secretKey'])
      for (const wrong of ["'", '"', '\n', '$(id)', '\\', '@'])
        assert.throws(() => programOf(language, { ...values, [name]: wrong }), /characters/);
  }
});

test('the face API is named as the page is reached, where it listens on every address or on its own machine', () => {
  assert.equal(apiUrl('http://0.0.0.0:8080', 'faces.example'), 'http://faces.example:8080');
  assert.equal(apiUrl('http://[::]:8080', '127.0.0.1'), 'http://127.0.0.1:8080');
  assert.equal(apiUrl('http://127.0.0.1:8080', 'localhost'), 'http://localhost:8080');
  assert.equal(apiUrl('http://10.0.0.7:8080', 'faces.example'), 'http://10.0.0.7:8080');
});
