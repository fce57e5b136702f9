/** Faults in what is PostgreSQL's alone. */
import type { Fault } from './fault.ts';

const connections = { testFile: 'postgres/connections.test.ts' } as const;

/** Faults, each with the test that finds it. */
export const postgresFaults: readonly Fault[] = [
  {
    ...connections,
    breaks: 'a connection that is lost while somebody has it does not end the process',
    file: 'store/dialects/postgres/connection.ts',
    right: "client.on('error', this.#onLost);",
    wrong: '',
    testName: 'PostgreSQL: whoever loses its connection gets another one',
  },
  {
    ...connections,
    breaks: 'texts are ordered by their bytes whatever the order of the database is',
    file: 'store/dialects/postgres/dialect.ts',
    right: 'text: sql`text collate "C"`,',
    wrong: "text: 'text',",
    testName: 'PostgreSQL: texts are ordered by their bytes, as SQLite orders them',
  },
  {
    ...connections,
    breaks: 'of servers that start at once one makes the tables',
    file: 'store/dialects/postgres/dialect.ts',
    right: 'select pg_advisory_xact_lock(',
    wrong: 'select abs(',
    testName: 'PostgreSQL: servers that start at once make the tables once',
  },
  {
    ...connections,
    breaks: 'a url in a message shows no password',
    file: 'store/dialects/postgres/url.ts',
    right: 'const { host, pathname, searchParams } = parse(url);',
    wrong: 'const { host, pathname, searchParams } = { ...parse(url), host: url };',
    testName: 'PostgreSQL: a password is in no message',
  },
  {
    breaks: 'no change is pruned that another server has not seen',
    file: 'store/registry-feed.ts',
    right: 'return followers.neededAfter(this.#appid, position);',
    wrong: 'return position;',
    testFile: 'postgres/followers.test.ts',
    testName: 'PostgreSQL: changes are kept for the slowest of the servers that follow, and pruned by the last',
  },
  {
    breaks: 'a server listens again after it lost its connection',
    file: 'store/dialects/postgres/wakes.ts',
    right: "client.on('end', onLost);",
    wrong: "client.off('error', onLost);\n    client.on('error', () => {});",
    testFile: 'postgres/followers.test.ts',
    testName: 'PostgreSQL: what one server changes another one looks at, and again after it lost its connection',
  },
  {
    breaks: 'a server that died keeps no changes',
    file: 'store/dialects/postgres/followers.ts',
    right: '.where((eb) => eb.not(isDead()))',
    wrong: '',
    testFile: 'postgres/followers.test.ts',
    testName: 'PostgreSQL: a server that gave no sign for a minute keeps no changes, and begins anew when it is back',
  },
  {
    breaks: 'servers that died are struck out',
    file: 'store/dialects/postgres/followers.ts',
    right: "    await this.#db.deleteFrom('servers').where(isDead).execute();\n",
    wrong: '',
    testFile: 'postgres/followers.test.ts',
    testName: 'PostgreSQL: servers are listed while they live, and those that died are struck out by the others',
  },
  {
    breaks: 'a server that is far behind reads every change',
    file: 'store/changes.ts',
    right: 'isLast: reached === row.last,',
    wrong: 'isLast: true,',
    testFile: 'postgres/followers.test.ts',
    testName: 'PostgreSQL: a server that is far behind reads the changes in parts, and all of them',
  },
  {
    breaks: 'a transaction that waited in a circle is run again',
    file: 'store/dialects/postgres/database.ts',
    right: 'if (attempt >= attemptsMax || !isPassing(error)) return false;',
    wrong: 'return false;',
    testFile: 'postgres/parallel.test.ts',
    testName: 'PostgreSQL: a transaction that waits in a circle is run again',
  },
  {
    breaks: 'transactions that write to one registry take turns',
    file: 'store/access.ts',
    right: 'if (this.#appid !== undefined) await lockRegistry?.(trx, this.#appid);',
    wrong: '',
    testFile: 'postgres/parallel.test.ts',
    testName: 'PostgreSQL: servers that write to one registry at once leave what one after the other would',
  },
  {
    breaks: 'a register is not spread where there is no Citus, and the operator is told what is missing',
    file: 'store/dialects/postgres/citus.ts',
    right: "if (!(await postgres.hasTable(db, 'pg_dist_node'))) {",
    wrong: "if (await postgres.hasTable(db, 'pg_dist_node')) {",
    testFile: 'cli/database.test.ts',
    testName: 'a register is spread where Citus is, and nowhere else; the reason is told',
  },
];
