/** Runs the suite of the registry over PostgreSQL: it takes as long as the others together. */
import { postgresHome } from './postgres-home.ts';
import { registrySuite } from './registry.suite.ts';

registrySuite('PostgreSQL', postgresHome, 30);
