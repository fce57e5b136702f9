/** Runs the suite of the registry over PostgreSQL: it takes as long as the others together. */

import { registrySuite } from '../store/registry.suite.ts';
import { postgresHome } from './home.ts';

registrySuite('PostgreSQL', postgresHome, 30);
