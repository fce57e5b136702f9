/** Runs the suite of retention over PostgreSQL. */
import { retentionSuite } from '../store/retention.suite.ts';
import { postgresHome } from './home.ts';

retentionSuite('PostgreSQL', postgresHome);
