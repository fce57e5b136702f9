/** The tests of the store but the suites over SQLite, which take as long as all of these. */
import { testTogether } from '../suite/together.ts';

await testTogether('store/!(sqlite*)');
