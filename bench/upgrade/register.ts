/** The register that is upgraded: photographs of persons, some of them held back as probes and as newcomers. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect, inspectShared } from '../../src/store/inspect.ts';
import { type Account, launch, readAccount, runFamiliar, stopServer } from '../../test/chaos/server.ts';

/** The group that is searched, and the one that newcomers are in. */
export const [group, newcomersGroup] = ['everybody', 'newcomers'];
/** The packs, in the order of the upgrades. */
export const route = ['dlib', 'faceres', 'builtin'] as const;
/** Photographs that are searched for, and persons who are enrolled while faces are converted. */
const [probesCount, newcomersCount] = [30, 400];

/** Photographs by what they are for. */
export interface Photographs {
  /** Registered persons, each with the paths of their pictures. */
  readonly persons: ReadonlyMap<string, readonly string[]>;
  readonly probes: readonly Uint8Array[];
  readonly newcomers: readonly Uint8Array[];
}

/** A register on the disk, and how to call it. */
export interface Base {
  readonly folder: string;
  readonly masterKeyFile: string;
  readonly account: Account;
}

/** Chooses photographs of a folder of folders of persons, the same each time. */
export async function choose(folder: string, facesMax: number): Promise<Photographs> {
  const names = (await readdir(folder)).sort();
  const [persons, probes, newcomers] = [new Map<string, readonly string[]>(), [] as string[], [] as string[]];
  let faces = 0;
  for (const name of names.toReversed()) {
    const pictures = (await readdir(join(folder, name))).sort().map((file) => join(folder, name, file));
    if (pictures.length === 1 && newcomers.length < newcomersCount) {
      newcomers.push(pictures[0]!);
      continue;
    }
    if (faces + pictures.length > facesMax) continue;
    if (pictures.length >= 3 && probes.length < probesCount) probes.push(pictures.pop()!);
    persons.set(name, pictures);
    faces += pictures.length;
  }
  const read = (paths: readonly string[]) =>
    Promise.all(paths.map(async (path) => new Uint8Array(await readFile(path))));
  return { persons, probes: await read(probes), newcomers: await read(newcomers) };
}

/** Makes a register in a folder of its own, with packs installed, unless it is there; no server runs on it afterwards. */
export async function makeBase(home: string, { persons }: Photographs): Promise<Base> {
  const [folder, masterKeyFile, pictures] = [join(home, 'base'), join(home, 'master.key'), join(home, 'pictures')];
  const whole = join(home, 'whole');
  if (existsSync(whole)) return { folder, masterKeyFile, account: await readAccount(folder) };
  await writeFile(masterKeyFile, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
  for (const [name, paths] of persons) {
    await mkdir(join(pictures, group, name), { recursive: true });
    for (const [i, path] of paths.entries()) await symlink(path, join(pictures, group, name, `${i}.jpg`));
  }
  await stopServer({ ...(await serve(folder, masterKeyFile)), account: { appid: '', secretId: '', secretKey: '' } });
  const account = await readAccount(folder);
  const words = ['--data', folder, '--master-key-file', masterKeyFile];
  for (const pack of route) if (pack !== 'builtin') await familiar('models', 'add', pack, ...words);
  await familiar('import', '--folders', pictures, '--appid', account.appid, ...words);
  await writeFile(whole, '');
  return { folder, masterKeyFile, account };
}

/** Starts a server on a folder, and on a database if it is named. */
export function serve(folder: string, masterKeyFile: string, ...flags: readonly string[]) {
  const words = ['--port', '0', '--admin-port', '0', '--data', folder, '--master-key-file', masterKeyFile, ...flags];
  return launch(join('src', 'main.ts'), ['serve', ...words]);
}

/** Runs a command. @throws Error with what it said, if it fails. */
export async function familiar(...words: readonly string[]): Promise<string> {
  const { exitCode, text } = await runFamiliar(...words);
  if (exitCode !== 0) throw new Error(`familiar ${words.join(' ')}: ${text}`);
  return text;
}

/** A folder like that of the register, with all of it or with the packs and networks alone. */
export async function folderLike({ folder }: Base, to: string, isWhole: boolean): Promise<string> {
  if (isWhole) await cp(folder, to, { recursive: true, verbatimSymlinks: true });
  else {
    for (const part of ['packs', 'models']) {
      await cp(join(folder, part), join(to, part), { recursive: true, verbatimSymlinks: true });
    }
  }
  return to;
}

/** What must stay as it is: a digest of all persons, memberships and faces but the newcomers'. */
export async function contentsOf(place: { readonly file: string } | { readonly url: string }) {
  await using register = 'url' in place ? await inspectShared(place.url) : await inspect(place.file);
  if (register === undefined) throw new Error('there is no register');
  const { db } = register;
  const hash = createHash('sha256');
  const persons = await db
    .selectFrom('persons')
    .select(['person_id', 'name', 'tag'])
    .where('person_id', 'not like', 'new-%')
    .orderBy('person_id')
    .execute();
  const groups = await db
    .selectFrom('memberships')
    .select(['group_id', 'person_id', 'member_ordinal'])
    .where('person_id', 'not like', 'new-%')
    .orderBy('group_id')
    .orderBy('person_id')
    .execute();
  const faces = await db
    .selectFrom('faces')
    .select(['face_id', 'person_id', 'ordinal', 'tag'])
    .where('person_id', 'not like', 'new-%')
    .orderBy('face_id')
    .execute();
  hash.update(JSON.stringify([persons, groups, faces]));
  const { all } = await db
    .selectFrom('faces')
    .select((eb) => eb.fn.countAll<number>().as('all'))
    .executeTakeFirstOrThrow();
  return { digest: hash.digest('hex'), persons: persons.length, faces: faces.length, allFaces: Number(all) };
}

/** Reads the packs of a register as often as it is asked; nothing if the database is too busy to say. */
export async function watchPacks(place: { readonly file: string } | { readonly url: string }) {
  const register = 'url' in place ? await inspectShared(place.url) : await inspect(place.file);
  return {
    read: () => register!.packs().catch(() => []),
    [Symbol.asyncDispose]: async () => register?.[Symbol.asyncDispose](),
  };
}
