/** The tests of the search and of processes. */
import { testTogether } from '../suite/together.ts';

await testTogether('{processes,search}/*');
