/** Runs the suite of corrections over PostgreSQL. */
import { correctionsSuite } from '../store/corrections.suite.ts';
import { postgresHome } from './home.ts';

correctionsSuite('PostgreSQL', postgresHome);
