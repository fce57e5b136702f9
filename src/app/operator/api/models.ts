/** The operator's API: model packs, and upgrades of the register. */
import type { OperationHandlers } from '../../../http/admin/api.ts';
import type { Stores } from '../../../store/open.ts';
import type { PackPlaces } from '../../models.ts';
import { plotComparison } from '../../packs/compare-plot.ts';
import type { NamedPacks } from '../../packs/named-packs.ts';
import { OrderRefused } from '../order.ts';
import {
  beginUpgrade,
  compareModels,
  planUpgrade,
  pruneModels,
  reportPacks,
  reportUpgrade,
  revertUpgrade,
  steerUpgrade,
} from '../upgrades.ts';

type Handlers = Pick<OperationHandlers, Extract<keyof OperationHandlers, `models.${string}`>>;

/** What the handlers work with. */
export interface ModelParts {
  readonly places: PackPlaces;
  /** The packs as this server can use them; undefined while the networks are loading. */
  readonly named: () => NamedPacks | undefined;
  readonly workers: number;
}

/** Faces that are compared unless more are asked for: it takes a minute or less. */
const comparedFaces = 500;

/** Makes them. */
export function modelHandlers(stores: Stores, { places, named, workers }: ModelParts): Handlers {
  // Nobody can give them up: they end by themselves.
  const { signal } = new AbortController();
  const loaded = (): NamedPacks => {
    const packs = named();
    if (packs === undefined) throw new OrderRefused('invalid', 'the networks are loading: try again in a moment');
    return packs;
  };
  return {
    'models.list': async () => ({ packs: [...(await reportPacks(places, stores))] }),
    'models.progress': async () => {
      const upgrade = await reportUpgrade(stores);
      return { upgrade: upgrade && { ...upgrade, failures: [...upgrade.failures], servers: [...upgrade.servers] } };
    },
    'models.plan': async ({ pack }) =>
      planUpgrade(stores, loaded(), { pack, appids: await stores.appids(), workers, signal }),
    'models.upgrade': async ({ pack, withoutFailed = false }) => {
      await beginUpgrade(stores, pack, withoutFailed);
      return {};
    },
    'models.pause': async () => ({ pack: await steerUpgrade(stores, 'pause') }),
    'models.resume': async () => ({ pack: await steerUpgrade(stores, 'resume') }),
    'models.cancel': async () => ({ pack: await steerUpgrade(stores, 'cancel') }),
    'models.revert': async ({ pack }) => ({ pack: await revertUpgrade(stores, pack) }),
    'models.prune': async () => {
      const { packs, embeddings } = await pruneModels(stores);
      return { packs: [...packs], embeddings };
    },
    'models.compare': async ({ appid, packs, facesMax = comparedFaces }) => {
      const compared = await compareModels(stores, loaded(), { appid, packs, facesMax, lanes: workers, signal });
      return {
        ...compared,
        packs: compared.packs.map((pack) => ({
          ...pack,
          same: [...pack.same],
          others: [...pack.others],
          reaching: [...pack.reaching],
          doubles: pack.doubles.map((double) => ({
            ...double,
            persons: [...double.persons],
            faces: [...double.faces],
          })),
          confused: [...pack.confused],
        })),
        svg: plotComparison(compared),
      };
    },
  };
}
