/** The operator's orders to upgrade a register to another pack. Each is one function, whoever gives the order. */
import type { Stores, UpgradeState } from '../../store/open.ts';
import { UpgradeRefused } from '../../store/open.ts';
import { listPacks, type PackPlaces } from '../models.ts';
import { type CompareOrder, comparePacks, type PackComparison } from '../packs/compare.ts';
import type { NamedPacks } from '../packs/named-packs.ts';
import { OrderRefused } from './order.ts';
import { unknownTenant } from './tenants.ts';

/** What orders are carried out on. */
export type UpgradedStores = Pick<Stores, 'packs' | 'tenants'>;

/** A pack as it is shown. */
export interface PackReport {
  readonly name: string;
  readonly about: string;
  readonly state: 'in use' | 'preparing' | 'kept' | 'installed' | 'absent';
  /** Whether its scores were measured; null for a pack without a recogniser of its own. */
  readonly isMeasured: boolean | null;
}

/** How far an upgrade is, as it is shown. */
export interface UpgradeReport {
  readonly pack: string;
  readonly phase: UpgradeState['phase'];
  readonly done: number;
  readonly total: number;
  /** Faces a second since the conversion began; null if it is not known yet. */
  readonly rate: number | null;
  readonly secondsLeft: number | null;
  readonly failures: readonly { readonly reason: string; readonly faces: number }[];
  readonly message: string;
  readonly servers: readonly {
    readonly server: string;
    readonly state: 'able' | 'ready' | 'failed';
    readonly message: string;
  }[];
}

/** What an upgrade would take. */
export interface UpgradePlan {
  readonly pack: string;
  readonly faces: number;
  readonly withoutCrop: number;
  /** Milliseconds of one processor for a face, as measured; null without a face to try. */
  readonly msPerFace: number | null;
  readonly seconds: number | null;
  /** That the embeddings take, without indexes. */
  readonly bytes: number;
}

/** Faces that are embedded to tell how long each takes. */
const triedFaces = 12;
/** What a row takes beside the numbers of an embedding: ids, the model's digest, and what encryption adds; in bytes. */
const rowBytes = 190;

/** Lists the packs that are installed or known, with what the register keeps of them. */
export async function reportPacks(places: PackPlaces, { packs }: UpgradedStores): Promise<readonly PackReport[]> {
  const kept = new Map((await packs.list()).map((pack) => [pack.name, pack.state]));
  return (await listPacks(places)).map(({ name, about, installed, score }) => ({
    name,
    about,
    state: kept.get(name) ?? (installed ? 'installed' : 'absent'),
    isMeasured: score?.measured ?? null,
  }));
}

/** Tells how far the upgrade is that is under way; null if none is. */
export async function reportUpgrade({ packs }: UpgradedStores): Promise<UpgradeReport | null> {
  const states = await packs.list();
  const pack = states.find(({ upgrade }) => upgrade !== undefined);
  if (pack?.upgrade === undefined) return null;
  const { phase, done, total, doneAtStart, seconds, message } = pack.upgrade;
  const rate = seconds > 0 && done > doneAtStart ? (done - doneAtStart) / seconds : null;
  const failures = pack.model === null ? {} : await packs.conversion.failures(pack.model);
  const servers = await packs.upgrades.reports(pack.name);
  return {
    pack: pack.name,
    phase,
    done,
    total,
    rate,
    secondsLeft: rate === null || phase !== 'converting' ? null : Math.max(0, total - done) / rate,
    failures: Object.entries(failures).map(([reason, faces]) => ({ reason, faces })),
    message,
    servers: servers.map(({ server, state, message: said }) => ({ server, state, message: said })),
  };
}

/**
 * Tells what an upgrade to a pack would take.
 * @param workers processors that convert faces.
 */
export async function planUpgrade(
  { packs }: UpgradedStores,
  named: NamedPacks,
  { pack, appids, workers, signal }: { pack: string; appids: readonly string[]; workers: number; signal: AbortSignal },
): Promise<UpgradePlan> {
  const { model, dimension } = await refusing(() => named.modelOf(pack), 'unknown');
  const { faces, withoutCrop } = await packs.conversion.size(model);
  const crops: Uint8Array[] = [];
  for (const appid of appids) {
    if (crops.length >= triedFaces) break;
    const some = await packs.conversion.facesWithout(appid, '', '', triedFaces - crops.length);
    crops.push(...some.flatMap(({ crop }) => crop ?? []));
  }
  // The first face waits for the network to be loaded.
  const [first, ...others] = crops;
  if (first !== undefined) await named.convert([first], pack, signal);
  const start = performance.now();
  await named.convert(others, pack, signal);
  const msPerFace = others.length === 0 ? null : (performance.now() - start) / others.length;
  const seconds = msPerFace === null ? null : ((faces - withoutCrop) * msPerFace) / 1000 / workers;
  return { pack, faces, withoutCrop, msPerFace, seconds, bytes: (faces - withoutCrop) * (4 * dimension + rowBytes) };
}

/** Begins an upgrade. @throws OrderRefused; nothing was changed then. */
export function beginUpgrade({ packs }: UpgradedStores, pack: string, leavesFailed: boolean): Promise<void> {
  return refusing(() => packs.upgrades.begin(pack, leavesFailed));
}

/** Pauses, takes up or gives up the upgrade. @returns the pack. @throws OrderRefused if none is under way. */
export function steerUpgrade({ packs }: UpgradedStores, how: 'pause' | 'resume' | 'cancel'): Promise<string> {
  return refusing(() => packs.upgrades[how]());
}

/** Goes back to a pack. @returns its name. @throws OrderRefused if it is not kept. */
export function revertUpgrade({ packs }: UpgradedStores, pack?: string): Promise<string> {
  return refusing(() => packs.upgrades.revert(pack));
}

/** What was pruned. */
export interface Pruned {
  readonly packs: readonly string[];
  readonly embeddings: number;
}

/** Deletes the embeddings of all packs but the one in use. @throws OrderRefused while an upgrade is under way. */
export async function pruneModels({ packs }: UpgradedStores, onDeleted?: (count: number) => void): Promise<Pruned> {
  const names = await refusing(() => packs.upgrades.forgetKept());
  return { packs: names, embeddings: await packs.conversion.prune(onDeleted) };
}

/** Compares packs on the faces of an appid. @throws OrderRefused if there is no such appid, or a pack cannot be used. */
export async function compareModels(
  stores: UpgradedStores,
  named: NamedPacks,
  order: CompareOrder,
): Promise<PackComparison> {
  if ((await stores.tenants.list(order.appid)).length === 0) throw unknownTenant(order.appid);
  for (const pack of order.packs) await refusing(() => named.tryPack(pack), 'unknown');
  return comparePacks(stores, named, order);
}

/** @param otherwise what any other error is; it is no refusal if absent. */
async function refusing<T>(work: () => Promise<T>, otherwise?: OrderRefused['why']): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UpgradeRefused) throw new OrderRefused(error.why, error.message);
    if (otherwise !== undefined) throw new OrderRefused(otherwise, (error as Error).message);
    throw error;
  }
}
