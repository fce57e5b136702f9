/** Knows how an application can be broken: failures of the database, of the key store and of the networks, at the ports. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { databaseFile, type Ports } from '../../src/app/create-app.ts';
import type { Eyes } from '../../src/domain/eyes.ts';
import { Refusal, type RefusalName } from '../../src/errors/refusals.ts';
import { openStores, type Stores } from '../../src/store/open.ts';

/** One way to break an application. */
interface Fault {
  /** What is put in the place of the real ports. */
  readonly ports?: (eyes: Eyes & AsyncDisposable) => Partial<Ports>;
  /** What is done to the data folder once the application runs. */
  readonly damage?: (folder: string) => void;
}

const faults = {
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
  'a network of features that fails': { ports: failing('featureFailed') },
  'a network of landmarks that fails': { ports: failing('shapeFailed') },
  'a network of gender that fails': { ports: failing('genderFailed') },
  'a network of expression that fails': { ports: failing('expressionFailed') },
  'a network of age that fails': { ports: failing('ageFailed') },
  'a pose that has no numbers': { ports: failing('poseFailed') },
  'a classifier of glasses that fails': { ports: failing('glassFailed') },
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
    const stores = await openStores({ file: join(settings.data, databaseFile) });
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

/** Eyes that see one picture, which a person can be registered from, and then fail as they do when a network did. */
function failing(refusal: RefusalName): NonNullable<Fault['ports']> {
  return (eyes) => {
    let looks = 0;
    return {
      openEyes: async () => ({
        ...eyes,
        look: async (picture, options) => {
          looks += 1;
          if (looks > 1) throw new Refusal(refusal, '', { cause: new Error('the network failed') });
          return eyes.look(picture, options);
        },
      }),
    };
  };
}
