/** Breaks an application on purpose: the database, the key store and the networks, at their ports. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Ports } from '../../src/app/create-app.ts';
import { databaseFile } from '../../src/app/register.ts';
import type { Settings } from '../../src/app/settings.ts';
import type { AnalyzeOptions } from '../../src/domain/face-analyzer.ts';
import { openStores, type Stores } from '../../src/store/open.ts';
import { importNetworks } from '../../src/vision/models/import.ts';
import { type Network, onnxRuntime } from '../../src/vision/models/runtime.ts';
import { analyzePicture } from '../../src/vision/pipeline/analyze.ts';
import { loadNetworks, type Networks, type Role } from '../../src/vision/pipeline/networks.ts';
import { masterKey } from '../master-key.ts';
import { lendNetworks, modelsCache } from '../networks/lend.ts';

/** One way to break an application. */
interface Fault {
  /**
   * What is put in the place of the real ports.
   * @param closing resolves when the application is about to be closed.
   */
  readonly ports?: (closing: Promise<void>) => Partial<Ports>;
  /** Whether the application is called although it is not ready. */
  readonly isLoading?: boolean;
  /** What is done to the data folder once the application runs. */
  readonly damage?: (folder: string) => void;
}

const faults = {
  'networks that are loading': {
    ports: (closing) => ({ openAnalyzer: () => closing.then(lendNetworks) }),
    isLoading: true,
  },
  'a database without keys': { damage: (folder) => drop(folder, ['tenants']) },
  'a database without persons': {
    damage: (folder) => drop(folder, ['embeddings', 'crops', 'faces', 'memberships', 'groups', 'persons']),
  },
  'a database without embeddings': { damage: (folder) => drop(folder, ['embeddings']) },
  'keys that never come': { ports: () => ({ openStores: withKeys({ findTenant: () => new Promise(() => {}) }) }) },
  'a bug': {
    ports: () => ({
      openStores: withRegister(() => {
        throw new TypeError('undefined is not a function: secret');
      }),
    }),
  },
  'a recogniser that throws': { ports: failing('recogniser', () => fail) },
  'an expresser that throws': { ports: failing('expresser', () => fail) },
  'a describer that knows no gender': { ports: failing('describer', spoil('gender', Number.NaN)) },
  'an ager that knows no age': { ports: failing('ager', spoil('age', Number.NaN)) },
  'a describer that sees nothing': { ports: failing('describer', spoil('feature', 0)) },
  'a mesher that throws after detection': {
    ports: failing(
      'mesher',
      lastRun(() => fail),
    ),
  },
  'a mesher that sees no depth': { ports: failing('mesher', lastRun(spoil('landmarks', Number.NaN, isDepth))) },
} as const satisfies Record<string, Fault>;

/** The name of a fault. */
export type FaultName = keyof typeof faults;

/** The fault of a name. */
export function faultOf(name: FaultName): Fault {
  return faults[name];
}

/** Takes tables away from under the running application, as a damaged disk may. */
function drop(folder: string, tables: readonly string[]): void {
  const database = new DatabaseSync(join(folder, databaseFile));
  try {
    for (const table of tables) database.exec(`drop table ${table}`);
  } finally {
    database.close();
  }
}

function withKeys(keys: Partial<Stores['keys']>): Ports['openStores'] {
  return replaced((stores) => ({ keys: overlaid(stores.keys, keys) }));
}

function withRegister(of: Stores['of']): Ports['openStores'] {
  return replaced(() => ({ of }));
}

function replaced(part: (stores: Stores) => Partial<Stores>): Ports['openStores'] {
  return async (settings) => {
    const stores = await openStores({ file: join(settings.data, databaseFile), masterKey });
    return overlaid(stores, part(stores));
  };
}

/** The object with some members replaced; the others go on working on the object itself. */
function overlaid<T extends object>(whole: T, part: Partial<T>): T {
  return new Proxy(whole, {
    get(_target, name) {
      const value = name in part ? part[name as keyof T] : whole[name as keyof T];
      return typeof value === 'function' && !(name in part) ? value.bind(whole) : value;
    },
  });
}

/** A network that throws. */
const fail: Network = {
  run: async () => {
    throw new Error('the network failed');
  },
};

/** How a network is broken: given itself, and how often it is run for the picture in all. */
type Damage = (network: Network, runs: number) => Network;

/** Whether a number of a mesh is a depth: a point's third. */
function isDepth(index: number): boolean {
  return index % 3 === 2;
}

/** An output's numbers come out as another: all of them, or those that are chosen. */
function spoil(output: string, value: number, isSpoilt: (index: number) => boolean = () => true): Damage {
  return (network) => ({
    run: async (input, shape) => {
      const outputs = await network.run(input, shape);
      const numbers = outputs[output];
      if (numbers === undefined) throw new Error(`there is no output ${output}`);
      return { ...outputs, [output]: numbers.map((number, i) => (isSpoilt(i) ? value : number)) };
    },
  });
}

/** Only the last run for a picture is damaged. */
function lastRun(damage: Damage): Damage {
  return (network, runs) => {
    let run = 0;
    return {
      run: (input, shape) => {
        run += 1;
        return (run === runs ? damage(network, runs) : network).run(input, shape);
      },
    };
  };
}

/** Networks of which one breaks once they have analyzed one picture, which a person can be registered from. */
function failing(role: Role, damage: Damage): NonNullable<Fault['ports']> {
  return afterOne(async (picture, { facesMax, parts = [] }, { picturePixelsMax: pixelsMax }) => {
    const networks = await loadOnce();
    const asked = { facesMax, parts };
    const limits = { pixelsMax, secondsMax: 10 };
    let runs = 0;
    const counted: Network = {
      run: (input, shape) => {
        runs += 1;
        return networks[role].run(input, shape);
      },
    };
    await analyzePicture({ ...networks, [role]: counted }, picture, asked, limits);
    await analyzePicture({ ...networks, [role]: damage(networks[role], runs) }, picture, asked, limits);
    throw new Error(`the picture was analyzed without fault by the broken ${role}`);
  });
}

/** Analyzes the first picture with networks that are whole, and every other as it is told. */
function afterOne(
  analyze: (picture: Uint8Array, options: AnalyzeOptions, settings: Settings) => Promise<never>,
): NonNullable<Fault['ports']> {
  return () => ({
    openAnalyzer: async (settings) => {
      const whole = await lendNetworks();
      let calls = 0;
      return {
        ...whole,
        analyze: (picture, options) => {
          calls += 1;
          return calls === 1 ? whole.analyze(picture, options) : analyze(picture, options, settings);
        },
      };
    },
  });
}

let loaded: Promise<Networks> | undefined;

/** Networks in this thread, where they can be broken. */
function loadOnce(): Promise<Networks> {
  loaded ??= importNetworks(modelsCache).then(({ networks }) => loadNetworks(onnxRuntime, networks));
  return loaded;
}
