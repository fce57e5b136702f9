/** Checks an installation: what it needs, what is wrong with it, and how to repair it. */
import { access, constants, mkdir, mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { FaceAnalyzer } from '../domain/face-analyzer.ts';
import { modelsFolder, openAnalyzer, openData } from './create-app.ts';
import { firstKeyFile } from './first-key.ts';
import { databaseFile } from './register.ts';
import type { Settings } from './settings.ts';

/** What one check found. */
export interface Finding {
  /** What was checked. */
  readonly check: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
  /** What to do about it; empty if all is well. */
  readonly mend: string;
}

/** What the checks ask of the machine; a test has answers of its own. */
export interface Machine {
  /** As `process.versions.node` has it. */
  readonly nodeVersion: string;
  /** How many bytes may still be written where a folder is. */
  readonly freeBytes: (folder: string) => Promise<number>;
  /** Loads the networks as the server does. */
  readonly openAnalyzer: (settings: Settings) => Promise<Pick<FaceAnalyzer, 'model'> & AsyncDisposable>;
}

const realMachine: Machine = {
  nodeVersion: process.versions.node,
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  openAnalyzer,
};

/** A check: what it found if all is well, or a fault with its mend. */
interface Check {
  readonly check: string;
  readonly look: (settings: Settings, machine: Machine) => Promise<string>;
  readonly mend: (settings: Settings) => string;
}

/** Least free space for a register to grow in, in bytes: 1 GiB. */
const freeBytesMin = 2 ** 30;
/** The pinned major version of Node: the first with everything that the program uses. */
const nodeMajor = 26;

const checks: readonly Check[] = [
  {
    check: 'node',
    look: async (_settings, { nodeVersion }) => {
      if (Number(nodeVersion.split('.')[0]) < nodeMajor) throw new Error(`this is Node ${nodeVersion}`);
      return `Node ${nodeVersion}`;
    },
    mend: () =>
      'Start through npm (`npm start`, `npm run -s familiar -- …`), which finds the Node that the project pins.',
  },
  {
    check: 'data folder',
    look: async ({ data }) => {
      await mkdir(data, { recursive: true, mode: 0o700 });
      await access(data, constants.R_OK | constants.W_OK | constants.X_OK);
      await rm(await mkdtemp(join(data, 'doctor-')), { recursive: true });
      return `${data} can be written`;
    },
    mend: ({ data }) =>
      `Give the user who runs familiar the right to write ${data}, or name another folder with --data.`,
  },
  {
    check: 'disk space',
    look: async ({ data }, { freeBytes }) => {
      const bytes = await freeBytes(data);
      const free = `${(bytes / 2 ** 30).toFixed(1)} GiB free`;
      if (bytes < freeBytesMin) throw new Error(free);
      return free;
    },
    mend: ({ data }) => `Make room where ${data} is: a full disk refuses every registration with code -1200.`,
  },
  {
    check: 'register',
    look: async (settings) => {
      await using stores = await openData(settings);
      await stores.check();
      return `${join(settings.data, databaseFile)} opens and answers`;
    },
    mend: ({ data }) =>
      `Stop every process that uses ${join(data, databaseFile)}; if it still does not open, put a backup in its place.`,
  },
  {
    check: 'keys',
    look: async (settings) => {
      await using stores = await openData(settings);
      const good = (await stores.keys.listKeys()).filter((key) => key.revokedAt === null).length;
      if (good === 0) throw new Error('there is no key that is not revoked');
      return `${good} good ${good === 1 ? 'key' : 'keys'}`;
    },
    mend: () => 'Add one: `npm run -s familiar -- keys add`; the first start of the server makes one, too.',
  },
  {
    check: 'first key file',
    look: async ({ data }) => {
      const mode = await stat(join(data, firstKeyFile)).then((file) => file.mode & 0o777, absent);
      if (mode === undefined) return 'is not there, and need not be';
      if ((mode & 0o077) !== 0) throw new Error(`others may read it (mode ${mode.toString(8)})`);
      return 'only its owner may read it';
    },
    mend: ({ data }) => `chmod 600 ${join(data, firstKeyFile)}`,
  },
  {
    check: 'networks',
    look: async (settings, { openAnalyzer }) => {
      await using analyzer = await openAnalyzer({ ...settings, workers: 1 });
      return `loaded, model ${analyzer.model.slice(0, 12)}`;
    },
    mend: ({ data }) => `Run \`npm ci\` again and remove ${join(data, modelsFolder)}: the networks are imported anew.`,
  },
  {
    check: 'port',
    look: async ({ host, port }) => {
      await tryListening(host, port);
      return `${host}:${port} is free`;
    },
    mend: ({ port }) => `Something listens there (perhaps familiar itself); else pick another with --port ${port + 1}.`,
  },
];

/** Checks an installation; every check runs, whatever the ones before it found. */
export async function examine(settings: Settings, machine: Machine = realMachine): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { check, look, mend } of checks) {
    try {
      findings.push({ check, ok: true, found: await look(settings, machine), mend: '' });
    } catch (error) {
      findings.push({ check, ok: false, found: (error as Error).message, mend: mend(settings) });
    }
  }
  return findings;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function tryListening(host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const probe = createServer();
  probe.once('error', reject);
  probe.listen(port, host, () => probe.close(() => resolve()));
  return promise;
}
