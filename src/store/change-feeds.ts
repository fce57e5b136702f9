/** The change feeds of all registries, for the index that follows them, and who is told when a write of this process is durable. */
import type { Kysely } from 'kysely';
import type { ChangeFeeds, WrittenChanges } from '../sync/change-feed.ts';
import type { Access, ReadInBulk } from './access.ts';
import { countFaces, sizeOf } from './counts.ts';
import type { Database } from './database.ts';
import type { DataKeys } from './encryption/data-keys.ts';
import { failureOf } from './failure.ts';
import { RegistryFeed } from './registry-feed.ts';
import type { DatabaseSearches } from './search/searches.ts';
import type { Tables } from './tables.ts';

/** What the feeds work with. */
export interface FeedParts {
  readonly database: Database;
  readonly accessOf: (appid?: string) => Access;
  readonly dataKeys: DataKeys;
  readonly searches: DatabaseSearches;
  readonly inBulk: ReadInBulk;
}

/** Who follows what this process writes. */
export class Following {
  readonly #database: Pick<Database, 'followers'>;
  #follow: Parameters<ChangeFeeds['watch']>[0] = async () => {};

  constructor(database: Pick<Database, 'followers'>) {
    this.#database = database;
  }

  /** Tells of what a transaction has changed, once it is durable; resolves when the follower has seen it. */
  readonly onDurable = (appid: string, written: WrittenChanges): Promise<void> => {
    this.#database.followers?.wake(appid);
    return this.#follow(appid, written);
  };

  /** As {@link ChangeFeeds.watch}. */
  watch(follow: Parameters<ChangeFeeds['watch']>[0]): void {
    this.#follow = follow;
    this.#database.followers?.onWake((appid) => void follow(appid));
  }
}

/** Opens the feeds. */
export function changeFeeds(parts: FeedParts, following: Following): ChangeFeeds {
  const { database, accessOf, dataKeys, searches, inBulk } = parts;
  return {
    appids: () => accessOf().query(appidsOf),
    feedOf: (appid) => new RegistryFeed(appid, accessOf(appid), dataKeys, database),
    searchOf: (appid) => ({
      nearest: (query, model) => searches.nearest(appid, query, model),
      size: (model) => inBulk((db) => sizeOf({ db, appid }, model)),
    }),
    countFaces: (model) => inBulk((db) => countFaces(db, model)),
    concernsAll: (error) => failureOf(error) !== 'partly unreachable',
    watch: (follow) => following.watch(follow),
  };
}

async function appidsOf(db: Kysely<Tables>): Promise<readonly string[]> {
  const rows = await db.selectFrom('registries').select('appid').orderBy('appid').execute();
  return rows.map(({ appid }) => appid);
}
