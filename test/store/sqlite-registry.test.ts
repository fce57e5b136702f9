/** Runs the suite of the registry over SQLite: it takes as long as the others together. */
import { registrySuite } from './registry.suite.ts';
import { sqliteHome } from './sqlite-home.ts';

registrySuite('SQLite', sqliteHome);
