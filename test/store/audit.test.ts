/** Runs the suite of the audit over SQLite. */
import { auditSuite } from './audit.suite.ts';
import { sqliteHome } from './sqlite-home.ts';

auditSuite('SQLite', sqliteHome);
