/** The tests of the store over SQLite, but the suites, which take as long as all of these. */
import { testTogether } from '../suite/together.ts';

await testTogether('store/!(sqlite*)');
