/** Loaded before a measurement, in its threads, too, it has none of them step back for what else runs: for a machine that is not quiet. */
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

os.setPriority = () => {};
syncBuiltinESMExports();
