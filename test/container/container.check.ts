/**
 * The image and both compose files, as a user runs them: `npm run test:container`, where podman and podman-compose are and the
 * image `familiar` was built. It is not part of `npm test`, which asks for Node and npm only.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createClient } from '../../src/client/client.ts';
import { photograph, root } from '../harness.ts';

const run = promisify(execFile);
const url = 'http://127.0.0.1:8080';
/** The most bytes that the image may have. */
const bytesMax = 500e6;
/** The longest that servers may take until they are ready, in milliseconds. */
const readyMs = 90_000;

test('the image has less than 500 MB, and its server runs as nobody', async () => {
  const [image] = JSON.parse((await run('podman', ['image', 'inspect', 'familiar'])).stdout);
  assert.ok(image.Size < bytesMax, `${image.Size} bytes`);
  assert.equal(image.Config.User, '65534:65534');
});

test('one server with SQLite: enrols, keeps the register over a restart, and stops when it is told to', async () => {
  await using project = await compose('compose.yml', {});
  const { client } = await enrol(project, ['familiar']);
  await project.podman('restart', 'familiar');
  await ready();
  assert.equal((await client.getinfo({ person_id: 'p' })).person_name, 'Ada');
  await project.podman('stop', 'familiar');
  const [{ State: state }] = JSON.parse(await project.podman('inspect', 'familiar'));
  assert.equal(state.ExitCode, 0);
});

test('two servers with PostgreSQL: one register behind the balancer, which the stop of a server does not end', async () => {
  const password = randomBytes(24).toString('hex');
  await using project = await compose('compose.postgres.yml', {
    password,
    'master.key': randomBytes(32).toString('base64'),
    'database-url': `postgres://familiar:${password}@database/familiar\n`,
  });
  const { client } = await enrol(project, ['server-1', 'server-2']);
  await project.podman('stop', 'server-1');
  for (let i = 0; i < 10; i++) assert.equal((await client.getinfo({ person_id: 'p' })).person_name, 'Ada');
  const { candidates } = await client.identify({ group_id: 'g', picture: new Blob([await picture()]) });
  assert.equal(candidates[0]?.person_id, 'p');
});

interface Project extends AsyncDisposable {
  /** Runs a podman command on the container of a service, and gives what it printed. */
  podman(command: string, service: string, ...words: readonly string[]): Promise<string>;
}

/** Starts a compose file, with these files beside it, in a folder of its own; ends and removes everything when disposed of. */
async function compose(file: string, secrets: Readonly<Record<string, string>>): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-container-'));
  await cp(join(root, 'ops/container'), folder, { recursive: true });
  for (const [name, text] of Object.entries(secrets)) await writeFile(join(folder, name), text, { mode: 0o644 });
  const project = folder.split('/').at(-1)!.toLowerCase();
  const podmanCompose = (...words: readonly string[]) =>
    run('podman-compose', ['-p', project, '-f', join(folder, file), ...words], { cwd: folder });
  await podmanCompose('up', '-d', '--no-build');
  return {
    podman: async (command, service, ...words) =>
      (await run('podman', [command, `${project}_${service}_1`, ...words])).stdout,
    async [Symbol.asyncDispose]() {
      await podmanCompose('down', '-v');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the server answers, takes the first key, and registers one person. */
async function enrol(project: Project, services: readonly string[]) {
  await ready();
  const texts = await Promise.all(
    services.map((service) => project.podman('exec', service, 'cat', '/data/register/first-key.json').catch(() => '')),
  );
  // Of several servers, the one that made the key has it.
  const key = JSON.parse(texts.find((text) => text !== '')!);
  const client = createClient({ url, appid: key.appid, secretId: key.secret_id, secretKey: key.secret_key });
  const person = { person_id: 'p', person_name: 'Ada', group_ids: ['g'], picture: new Blob([await picture()]) };
  assert.equal((await client.newperson(person)).suc_face, 1);
  return { client };
}

async function picture(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await photograph(1));
}

async function ready(): Promise<void> {
  const until = Date.now() + readyMs;
  for (;;) {
    const isReady = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    if (Date.now() > until) throw new Error('the server was not ready in time');
    await sleep(500);
  }
}
