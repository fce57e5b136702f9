/** The tests of what needs neither sockets nor a database. */
import { testTogether } from '../suite/together.ts';

await testTogether('{app,architecture,auth,concurrency,contract,domain,files,memory,sync,vision/kernels}/*');
