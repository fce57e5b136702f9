/** Runs the suite of packs over SQLite. */
import { conversionSuite } from './conversion.suite.ts';
import { packsSuite } from './packs.suite.ts';
import { sqliteHome } from './sqlite-home.ts';

packsSuite('SQLite', sqliteHome);
conversionSuite('SQLite', sqliteHome);
