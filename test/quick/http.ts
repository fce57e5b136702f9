/** The tests of the HTTP server, over ports in memory. */
import { testTogether } from '../suite/together.ts';

await testTogether('http/*');
