/** Has a server take part in upgrades of the register to another pack. */
import { randomUUID } from 'node:crypto';
import type { Stores } from '../../store/open.ts';
import { convertFaces } from './convert.ts';
import type { NamedPacks } from './named-packs.ts';
import type { PackSwitch } from './pack-switch.ts';

/** How often the packs are looked at, in milliseconds: more often than others rely on. */
const lookMs = 500;
/** How often this server says again what it has said of a pack, in milliseconds: others take it for gone after ten seconds. */
const sayMs = 3_000;

/** What takes part. */
export interface UpgradeParts {
  readonly packs: PackSwitch;
  readonly named: NamedPacks;
  readonly stores: Pick<Stores, 'packs' | 'appids'>;
  /** How many faces are converted at once, when nothing else is to do. */
  readonly workers: number;
  /** Called with the name of the pack that has come to be in use. */
  readonly onSwitched: (name: string) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** Takes part in upgrades until it is disposed of: loads the pack, converts faces if no other server does, and reads them. */
export function followUpgrades(parts: UpgradeParts): AsyncDisposable {
  const server = randomUUID();
  const stopped = new AbortController();
  const { packs, onFault } = parts;
  let looking = Promise.resolve();
  let converting: Promise<void> | undefined;
  let isLooking = false;
  let used = nameInUse(packs);
  const tried = new Set<string>();
  const said = { what: '', at: Number.NEGATIVE_INFINITY };
  const forget = (): void => {
    tried.clear();
    said.what = '';
  };
  const convert = (name: string, isTold: boolean): void => {
    converting ??= convertFaces({ ...parts, server, name, isTold, signal: stopped.signal })
      .catch((error: unknown) => {
        if (!stopped.signal.aborted) onFault(error);
      })
      .finally(() => {
        converting = undefined;
      });
  };
  const look = async (): Promise<void> => {
    const states = await packs.refresh();
    const now = nameInUse(packs);
    if (now !== undefined && now !== used) {
      await packs.prepare(now);
      await parts.onSwitched(now);
    }
    used = now;
    await packs.tidy();
    const upgrade = states.find((pack) => pack.upgrade !== undefined);
    const { name, upgrade: state } = upgrade ?? {};
    if (name === undefined || state === undefined) return forget();
    if (state.phase === 'paused' || state.phase === 'failed') return forget();
    await report(parts, server, name, { tried, said, phase: state.phase });
    if (state.phase !== 'complete' && !state.wasComplete) await packs.forget(name);
    if (stopped.signal.aborted) return;
    if (state.phase === 'converting') convert(name, state.wasComplete);
    else await parts.stores.packs.upgrades.advance(name);
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    looking = look()
      .catch((error: unknown) => {
        if (!stopped.signal.aborted) onFault(error);
      })
      .finally(() => {
        isLooking = false;
      });
  }, lookMs).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      stopped.abort(new Error('the server is being closed'));
      await looking;
      await converting;
    },
  };
}

function nameInUse({ states }: PackSwitch): string | undefined {
  return states.find(({ state }) => state === 'in use')?.name;
}

/** Tells whether this server could work with a pack by now, or why it could not; what it has told a moment ago it does not tell again. */
async function report(
  { packs, named, stores }: UpgradeParts,
  server: string,
  name: string,
  { tried, said, phase }: { tried: Set<string>; said: { what: string; at: number }; phase: string },
): Promise<void> {
  const { upgrades, know } = stores.packs;
  try {
    if (!tried.has(name)) await named.tryPack(name);
    tried.add(name);
    const { model } = await named.modelOf(name);
    know(name, model);
    const isReady = phase === 'complete' && (await packs.prepare(name));
    const state = isReady ? 'ready' : 'able';
    const what = `${name} ${phase} ${state}`;
    if (said.what === what && performance.now() - said.at < sayMs) return;
    await named.calm();
    await upgrades.report(server, name, { state, model });
    [said.what, said.at] = [what, performance.now()];
  } catch (error) {
    await upgrades.report(server, name, { state: 'failed', message: (error as Error).message });
    throw error;
  }
}
