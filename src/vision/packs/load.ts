/** Loads the networks that a pack puts in the place of built-in ones. */
import { join } from 'node:path';
import type { Runtime } from '../models/runtime.ts';
import type { Detector } from '../pipeline/detector.ts';
import type { Recogniser } from '../pipeline/embed.ts';
import { loadDetector } from './detector.ts';
import type { InstalledPack } from './folder.ts';
import { loadRecogniser } from './recogniser.ts';

/** A pack's networks, ready to run. The built-in networks do what it leaves out. */
export interface LoadedPack {
  readonly recogniser?: Recogniser | undefined;
  readonly detector?: Detector | undefined;
}

/**
 * Loads a pack's networks and runs each once.
 * @throws Error if one does not match the manifest.
 */
export async function loadPack(runtime: Runtime, { manifest, folder }: InstalledPack): Promise<LoadedPack> {
  const { recogniser, detector } = manifest;
  return {
    recogniser: recogniser && (await loadRecogniser(runtime, join(folder, recogniser.file), recogniser)),
    detector: detector && (await loadDetector(runtime, join(folder, detector.file), detector)),
  };
}
