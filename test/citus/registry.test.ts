/** Runs the suite of the registry over tables that are divided among machines. */
import { registrySuite } from '../store/registry.suite.ts';
import { overCluster } from './home.ts';

overCluster('registries', (home) => {
  registrySuite('Citus', home, 5);
});
