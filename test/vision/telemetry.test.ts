import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { modelsCache } from '../networks/lend.ts';

let folder: string;
let home: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-telemetry-'));
  home = await mkdtemp(join(folder, 'home-'));
});

after(() => rm(folder, { recursive: true, force: true }));

/** A module's URL, as it stands in a script. */
const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Analyses a photograph as the server does. */
const analysis = `
  import { photograph } from ${url('./photographs.ts')};
  import { openFaceAnalyzer } from ${url('../../src/vision/pool/analyzer.ts')};
  await using analyzer = await openFaceAnalyzer({
    modelsFolder: ${JSON.stringify(modelsCache)}, workers: 1, queueMax: 1, deadlineMs: 60_000, pixelsMax: 40_000_000,
  });
  console.log((await analyzer.analyze(photograph(1), { facesMax: 9 })).faces.length);`;

/** Loads a network as tests and benchmarks do, in a process that is not confined. */
const loading = `
  import { importNetworks } from ${url('../../src/vision/models/import.ts')};
  import { onnxRuntime } from ${url('../../src/vision/models/runtime.ts')};
  const { networks } = await importNetworks(${JSON.stringify(modelsCache)});
  await onnxRuntime.load(networks.emotion.path);
  console.log(3);`;

/** Runs a script with an empty home, and no variable that keeps the engine quiet for another reason, as CI does. */
function run(script: string, watcher: readonly string[] = []): string {
  const words = [...watcher, process.execPath, '--input-type=module', '--eval', script];
  const { stdout, stderr, status } = spawnSync(words[0]!, words.slice(1), {
    env: { HOME: home, PATH: process.env.PATH },
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

test('the engine writes nothing to the home folder, wherever it is loaded', async () => {
  assert.equal(run(loading), '3');
  assert.equal(run(analysis), '3');
  assert.deepEqual(await readdir(home), []);
});

const skip = reasonToSkip();

test('no name is looked up and no address connected to while pictures are analysed', { skip }, async () => {
  for (const [name, script] of Object.entries({ loading, analysis })) {
    const log = join(folder, `${name}.trace`);
    assert.equal(run(script, [...strace, '-o', log]), '3');
    const calls = (await readFile(log, 'utf8')).split('\n').filter((line) => /\bAF_(?:INET6?|NETLINK)\b/.test(line));
    assert.deepEqual(calls, []);
  }
});

/** Tells every call to the system that has to do with sockets. */
const strace = ['strace', '--follow-forks', '--quiet=all', '--seccomp-bpf', '--trace=network'];

/** The reason is printed with the test. */
function reasonToSkip(): string | false {
  const { status, error } = spawnSync('strace', ['--follow-forks', '--seccomp-bpf', '--trace=network', 'true']);
  if (error !== undefined) return 'strace is not installed';
  return status === 0 ? false : 'strace may not watch other processes here';
}
