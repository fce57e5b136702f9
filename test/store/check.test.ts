/** Runs the suite of checks over SQLite. */
import { checkSuite } from './check.suite.ts';
import { sqliteHome } from './sqlite-home.ts';

checkSuite('SQLite', sqliteHome);
