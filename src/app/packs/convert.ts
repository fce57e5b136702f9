/** Makes the embeddings of a pack for all faces that were stored before it, from their crops. */
import { setTimeout } from 'node:timers/promises';
import type { Stores } from '../../store/open.ts';
import { convertOnce, type PassParts } from './convert-pass.ts';
import type { NamedPacks } from './named-packs.ts';

/** How often this server says that it still converts, in milliseconds. */
const signMs = 1_000;
/** How long transactions that do not know of the pack are waited for before it is looked again, in milliseconds. */
const settleMs = 200;
/** Faces that a look may find so that the next are stored with the embedding: about as many as are converted in a second beside calls. */
const fewFaces = 64;

/** What faces are converted with. */
export interface ConvertParts extends Omit<PassParts, 'named' | 'stores' | 'model' | 'onWritten'> {
  readonly named: Pick<NamedPacks, 'convert' | 'calm' | 'modelOf'>;
  readonly stores: Pick<Stores, 'packs' | 'appids'>;
  /** What this server is called. */
  readonly server: string;
}

/**
 * Converts faces until there is none left, if no other server does. It may be interrupted anywhere: what is written is written,
 * and whoever goes on finds what is not.
 * @throws the signal's reason, and what reading or writing throws.
 */
export async function convertFaces(parts: ConvertParts): Promise<void> {
  const { stores, server, name, named } = parts;
  const { upgrades, conversion } = stores.packs;
  if (!(await upgrades.claim(server, name))) return;
  const { model } = await named.modelOf(name);
  let count = await conversion.count(model);
  const lost = new AbortController();
  let saying = Promise.resolve();
  const say = async (): Promise<void> => {
    if (!(await upgrades.progress(server, name, count.done, count.total)))
      lost.abort(new Error('the conversion was stopped'));
  };
  const timer = setInterval(() => {
    // Who cannot say so is followed by another server, which finds what is there.
    saying = saying
      .then(() => named.calm())
      .then(say)
      .catch((error: unknown) => lost.abort(error));
  }, signMs);
  const signal = AbortSignal.any([parts.signal, lost.signal]);
  const onWritten = (written: number): void => {
    count = { ...count, done: count.done + written };
  };
  try {
    await say();
    let [before, isRequired] = [Number.POSITIVE_INFINITY, false];
    for (;;) {
      // Who stores faces from now on knows of the pack: one more look at all faces finds the last that are without.
      const isSettled = await upgrades.isSettled(name);
      const found = await convertOnce({ ...parts, model, signal, onWritten });
      if (isSettled && found === 0) break;
      // Faces that were stored meanwhile are left: few, or no fewer than before, as where more are enrolled than converted.
      if (!isSettled && !isRequired && (found <= fewFaces || found > before / 2)) {
        await upgrades.require(server, name);
        isRequired = true;
      }
      if (found === 0) await setTimeout(settleMs, undefined, { signal });
      else count = await conversion.count(model);
      before = found;
    }
    await say();
    const failures = await conversion.failures(model);
    const failed = Object.values(failures).reduce((sum, some) => sum + some, 0);
    if (!signal.aborted) await upgrades.finish(server, name, failed);
  } catch (error) {
    if (!lost.signal.aborted || parts.signal.aborted) throw error;
  } finally {
    clearInterval(timer);
    await saying;
  }
}
