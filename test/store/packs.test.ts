/** Runs the suite of packs over SQLite. */
import { packsSuite } from './packs.suite.ts';
import { sqliteHome } from './sqlite-home.ts';

packsSuite('SQLite', sqliteHome);
