/** The packs of an installation by their names, as face analysis can use them while it runs. */
import type { EmbeddingModel, FaceAnalyzer } from '../../domain/face-analyzer.ts';
import { type InstalledPack, openPack } from '../../vision/packs/folder.ts';
import type { PackAnalyzers } from '../../vision/pool/analyzer.ts';

/** Face analysis by packs that are named. What names one throws an Error for the operator if it is not installed, or is damaged. */
export interface NamedPacks {
  modelOf(name: string): Promise<EmbeddingModel>;
  /** Loads a pack's networks once. @throws Error that says why they cannot be used. */
  tryPack(name: string): Promise<void>;
  /** Face analysis by one pack, with the embeddings of others beside. */
  using(main: string, further: readonly string[]): Promise<FaceAnalyzer>;
  /** As {@link PackAnalyzers.convert}. */
  convert(crops: readonly Uint8Array[], name: string, signal: AbortSignal): Promise<readonly (Float32Array | Error)[]>;
  /** As {@link PackAnalyzers.calm}. */
  calm(): Promise<void>;
}

/**
 * Names packs.
 * @param folder where they are installed. The files of a pack are checked when it is named first, and again once
 *   {@link NamedPacks.tryPack} is asked.
 */
export function namePacks(analyzers: PackAnalyzers, folder: string): NamedPacks {
  const checked = new Map<string, Promise<InstalledPack | undefined>>();
  const find = (name: string, isNew = false): Promise<InstalledPack | undefined> => {
    const known = isNew ? undefined : checked.get(name);
    if (known !== undefined) return known;
    const finding = openPack(folder, name);
    checked.set(name, finding);
    finding.catch(() => checked.delete(name));
    return finding;
  };
  return {
    modelOf: async (name) => analyzers.modelOf(await find(name)),
    tryPack: async (name) => analyzers.tryPack(await find(name, true)),
    using: async (main, further) =>
      analyzers.using(await find(main), await Promise.all(further.map((each) => find(each)))),
    convert: async (crops, name, signal) => analyzers.convert(crops, await find(name), signal),
    calm: () => analyzers.calm(),
  };
}
