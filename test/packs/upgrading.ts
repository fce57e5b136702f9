/** What tests of upgrades begin with: portraits, data folders with packs, and waiting for a pack. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { modelsFolder } from '../../src/app/analyzer.ts';
import { addPack, packsFolder } from '../../src/app/models.ts';
import type { PackState } from '../../src/store/open.ts';
import { makeFolder, photograph, type TestApp } from '../harness.ts';
import { freshFolder, thumbnailManifest, thumbnailNetwork, writePack } from './made-up.ts';

/** The faces of some photographs, each a picture of its own. */
export async function portraits(): Promise<readonly Buffer[]> {
  const places = [
    [3, { left: 965, top: 150, width: 440, height: 440 }],
    [1, undefined],
    [2, undefined],
    [4, undefined],
  ] as const;
  return Promise.all(
    places.map(async ([number, place]) => {
      const picture = sharp(await photograph(number));
      return (place ? picture.extract(place) : picture).jpeg().toBuffer();
    }),
  );
}

/** A data folder in which packs of these names are installed, each with a recogniser that is its thumbnail. */
export async function installed(context: TestContext, ...names: readonly string[]): Promise<string> {
  const data = await makeFolder();
  context.after(() => rm(data, { recursive: true }));
  const places = { packs: join(data, packsFolder), models: join(data, modelsFolder) };
  for (const name of names) {
    const source = await writePack(join(await freshFolder(context), name), thumbnailManifest(name), thumbnailNetwork());
    await addPack(places, source, {});
  }
  return data;
}

/** Waits until the packs are as a test says. */
export async function until(
  app: TestApp,
  isSo: (packs: readonly PackState[]) => boolean,
): Promise<readonly PackState[]> {
  for (let waited = 0; ; waited += 50) {
    const packs = await app.app.stores.packs.list();
    if (isSo(packs)) return packs;
    if (waited > 60_000) assert.fail(JSON.stringify(packs));
    await setTimeout(50);
  }
}

/** Whether a pack is the one in use, and no upgrade is under way. */
export const isInUse = (name: string) => (packs: readonly PackState[]) =>
  packs.some((pack) => pack.name === name && pack.state === 'in use' && pack.upgrade === undefined);
