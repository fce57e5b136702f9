/** Runs the suite of checks over PostgreSQL. */
import { checkSuite } from '../store/check.suite.ts';
import { postgresHome } from './home.ts';

checkSuite('PostgreSQL', postgresHome);
