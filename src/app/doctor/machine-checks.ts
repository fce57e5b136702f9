/** Checks of what is around the register: Node, folders, the disk, the networks and the port. */
import { access, constants, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { openPackInUse } from '../../vision/packs/folder.ts';
import { builtinName } from '../../vision/packs/manifest.ts';
import { modelsFolder } from '../analyzer.ts';
import { packsFolder } from '../models.ts';
import { findRunning } from '../running.ts';
import { flagOf } from '../settings.ts';
import { type Check, codeOf, Fault, mendAccess } from './check.ts';

/** Least free space for a register to grow in, in bytes: 1 GiB. */
const freeBytesMin = 2 ** 30;
/** The pinned major version of Node: the first with everything that the program uses. */
const nodeMajor = 26;
const portMax = 65_535;

/** Whether Node is the one that the project pins, or a newer one. */
export const node: Check = {
  check: 'node',
  look: async (_settings, { nodeVersion }) => {
    if (Number(nodeVersion.split('.')[0]) >= nodeMajor) return `Node ${nodeVersion}`;
    throw new Fault(
      `this is Node ${nodeVersion}`,
      'Start through npm (`npm start`, `npm run -s familiar -- …`), which finds the Node that the project pins.',
    );
  },
};

/** Whether the data folder can be written, or made. */
export const dataFolder: Check = {
  check: 'data folder',
  look: async ({ data }) => {
    const there = await nearestExisting(data);
    try {
      if (!(await stat(there)).isDirectory()) throw Object.assign(new Error(`${there} is a file`), { code: 'ENOTDIR' });
      await access(there, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new Fault((error as Error).message, mendAccess(there, codeOf(error), flagOf('data')));
    }
    return there === resolve(data) ? `${data} can be written` : `${data} is not there yet, and can be made`;
  },
};

/** Whether there is room for the register to grow. */
export const diskSpace: Check = {
  check: 'disk space',
  look: async ({ data }, { freeBytes }) => {
    const bytes = await freeBytes(await nearestExisting(data));
    const free = bytes === 0 ? 'the disk is full' : `${(bytes / 2 ** 30).toFixed(1)} GiB free`;
    if (bytes >= freeBytesMin) return free;
    throw new Fault(free, `Make room where ${data} is: a full disk refuses every registration with code -1200.`);
  },
};

/** Whether the pack that the installation is switched to is there and whole. */
export const modelPack: Check = {
  check: 'model pack',
  look: async ({ data }) => {
    try {
      const pack = await openPackInUse(join(data, packsFolder));
      return `${pack?.manifest.name ?? builtinName} is in use`;
    } catch (error) {
      const builtin = `\`npm run -s familiar -- models use ${builtinName}\` switches to the built-in networks`;
      throw new Fault((error as Error).message, `Add the pack again, or switch: ${builtin}.`);
    }
  },
};

/** Whether the networks load. */
export const networks: Check = {
  check: 'networks',
  look: async (settings, { openAnalyzer }) => {
    try {
      await using analyzer = await openAnalyzer({ ...settings, workers: 1 });
      return `loaded, model ${analyzer.model.slice(0, 12)}`;
    } catch (error) {
      const models = join(settings.data, modelsFolder);
      throw new Fault(
        (error as Error).message,
        `Run \`npm ci\` again and remove ${models}: the networks are imported anew.`,
      );
    }
  },
};

/** Whether the port is free, or has this installation's own server on it. */
export const port: Check = {
  check: 'port',
  look: async ({ data, host, port }) => {
    const fault = await tryListening(host, port);
    if (fault === undefined) return `${host}:${port} is free`;
    switch (fault.code) {
      case 'EADDRINUSE': {
        const running = await findRunning(data);
        if (running?.port === port) return `${host}:${port} has the server of this data folder, process ${running.pid}`;
        const other = port === portMax ? port - 1 : port + 1;
        throw new Fault(
          fault.message,
          `Another program listens there: stop it, or pick another port with ${flagOf('port')} ${other}.`,
        );
      }
      case 'EACCES':
        throw new Fault(
          fault.message,
          `Ports below 1024 need a right of their own; pick another with ${flagOf('port')}.`,
        );
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        throw new Fault(
          fault.message,
          `${host} is no address of this machine: name one with ${flagOf('host')}, such as 127.0.0.1 or 0.0.0.0.`,
        );
      default:
        throw new Fault(fault.message, `Pick another address with ${flagOf('host')} and ${flagOf('port')}.`);
    }
  },
};

/** The folder itself, or the nearest one above it that is there. */
async function nearestExisting(folder: string): Promise<string> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    if (isThere || path === dirname(path)) return path;
  }
}

function tryListening(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | undefined>();
  const probe = createServer();
  probe.once('error', resolve);
  probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  return promise;
}
