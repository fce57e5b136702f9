/** Prepares a register of made-up persons, starts a server over it, and signs in as an operator. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { modelsFolder } from '../../src/app/analyzer.ts';
import { openData } from '../../src/app/create-app.ts';
import { makeKey } from '../../src/app/first-key.ts';
import { masterKeySource } from '../../src/app/master-key.ts';
import { databaseFile } from '../../src/app/register.ts';
import { readSettings } from '../../src/app/settings.ts';
import type { Key } from '../../src/auth/keys.ts';
import { digestOf, makeToken } from '../../src/auth/operators.ts';
import type { OperationName } from '../../src/contract/operator/operations.ts';
import { photograph } from '../../test/harness.ts';
import { dataKeyOf, type ImportedNetworks, root } from '../identify/subject.ts';
import { type Subject, start } from '../process.ts';
import { fill } from './fill.ts';

const password = 'a password of the benchmark';

/** A register in a folder of its own. */
export interface Register extends AsyncDisposable {
  readonly data: string;
  readonly key: Key;
  /** Of a link that makes an owner. */
  readonly token: string;
  readonly persons: number;
}

/** Asks for operations as the page does. */
export interface Operator {
  readonly ask: (name: OperationName, body: object) => Promise<Record<string, unknown>>;
  /** How long the picture of a face takes, in milliseconds. */
  readonly cropMs: (face: string) => Promise<number>;
  readonly cookie: string;
}

/** Makes a register in a folder of its own. */
export async function prepare({ folder, model, dimension }: ImportedNetworks, persons: number): Promise<Register> {
  const data = await mkdtemp(join(tmpdir(), 'familiar-bench-'));
  await symlink(join(folder, modelsFolder), join(data, modelsFolder));
  const key = makeKey(0);
  const settings = readSettings({ data }, undefined, {});
  const token = makeToken();
  {
    await using stores = await openData(settings);
    await stores.keys.addKey(key, []);
    await stores.operators.addLink(digestOf(token), 'bench', { role: 'owner', appid: null }, Date.now());
    await stores.of(key.appid).insertPerson({ id: 'first', name: '', tag: '' });
    await stores.of(key.appid).deletePerson('first');
  }
  const file = join(data, databaseFile);
  const dataKey = dataKeyOf(file, key.appid, await masterKeySource(settings)(undefined));
  const crop = await sharp(await photograph(1))
    .resize(160, 160, { fit: 'cover' })
    .jpeg({ quality: 60 })
    .toBuffer();
  fill(file, { appid: key.appid, dataKey, persons, model, dimension, crop });
  const remove = async (): Promise<void> => {
    await rm(data, { recursive: true });
    await rm(`${data}.key`, { force: true });
  };
  return { data, key, token, persons, [Symbol.asyncDispose]: remove };
}

/** Starts a server over a register. */
export async function serve(data: string): Promise<Subject> {
  const limits = ['--persons-per-group-max', '1000000', '--groups-max', '100000'];
  const words = [join(root, 'src/main.ts'), 'serve', '--port', '0', '--admin-port', '0', '--data', data, ...limits];
  const server = await start(words);
  await server.printed('ready');
  return server;
}

/** Signs in by the link of a register. */
export async function signIn(adminUrl: string, { token, key: { appid } }: Register): Promise<Operator> {
  const post = (name: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${adminUrl}/api/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const answer = await post('session.useLink', { token, password });
  const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
  const { forgeryToken } = (await answer.json()) as { forgeryToken: string };
  return {
    cookie,
    async ask(name, body) {
      const response = await post(name, body, { cookie, 'x-forgery-token': forgeryToken });
      const data = (await response.json()) as Record<string, unknown>;
      if (!response.ok) throw new Error(`${name}: ${JSON.stringify(data)}`);
      return data;
    },
    async cropMs(face) {
      const begun = performance.now();
      const response = await fetch(`${adminUrl}/api/crop?appid=${appid}&face=${face}`, { headers: { cookie } });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`the crop of ${face}: ${response.status}`);
      return performance.now() - begun;
    },
  };
}
