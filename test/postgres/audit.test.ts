/** Runs the suite of the audit over PostgreSQL. */
import { auditSuite } from '../store/audit.suite.ts';
import { postgresHome } from './home.ts';

auditSuite('PostgreSQL', postgresHome);
