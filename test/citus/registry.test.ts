/** Runs the suite of the registry over tables that are divided among machines. */
import { after, before } from 'node:test';
import { registrySuite } from '../store/registry.suite.ts';
import { type Cluster, skip, startCluster } from './cluster.ts';
import { makeSpread, spreadHome } from './home.ts';

if (skip) console.log(`skipped: ${skip}`);
else {
  let cluster: Cluster;
  let url: string;
  before(async () => {
    cluster = await startCluster();
    url = await makeSpread(cluster, 'registries');
  });
  after(() => cluster[Symbol.asyncDispose]());
  registrySuite(
    'Citus',
    spreadHome(() => url),
    5,
  );
}
