/** Opens many applications, each with a folder of its own, over one set of networks. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { modelsFolder, openAnalyzer } from '../../src/app/create-app.ts';
import { makeKey } from '../../src/app/first-key.ts';
import { readSettings, type SettingName } from '../../src/app/settings.ts';
import type { Key } from '../../src/auth/keys.ts';
import { importNetworks } from '../../src/vision/models/import.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { loadNetworks, type Networks } from '../../src/vision/pipeline/networks.ts';
import { makeFolder, photograph, startApp } from '../harness.ts';
import { type FaultName, faultOf, type Whole } from './faults.ts';

/** The application that a test wants. */
export interface Wanted {
  readonly settings?: Partial<Record<SettingName, unknown>>;
  readonly fault?: FaultName;
}

/** What a test is told of its application. */
export interface Opened {
  readonly url: string;
  readonly key: Key;
  /** A key of another appid, which declares the bucket `declared`. */
  readonly stranger: Key;
  readonly pictures: Pictures;
}

/** Small photographs in base64: of three faces, and of a wall. */
export type Pictures = Readonly<Record<'face' | 'other' | 'third' | 'wall', string>>;

/** An application that is open. */
export interface OpenApp extends AsyncDisposable {
  readonly opened: Opened;
}

/** Where applications come from. */
export interface Apps extends AsyncDisposable {
  open(wanted: Wanted): Promise<OpenApp>;
}

/** The networks are loaded, and the photographs cut, when the first application is opened. */
export function createApps(): Apps {
  let shared: Promise<Omit<Whole, 'closing'> & { folder: string; pictures: Pictures }> | undefined;
  const prepare = async () => {
    const folder = await makeFolder();
    let loaded: Promise<Networks> | undefined;
    const networks = () => {
      loaded ??= importNetworks(join(folder, modelsFolder)).then((pack) => loadNetworks(onnxRuntime, pack.networks));
      return loaded;
    };
    const [analyzer, pictures] = await Promise.all([
      openAnalyzer(readSettings({ data: folder }, undefined, {})),
      cut(),
    ]);
    return { analyzer, networks, folder, pictures };
  };
  return {
    async open({ settings = {}, fault }) {
      shared ??= prepare();
      const { analyzer, networks, pictures } = await shared;
      const lent = { ...analyzer, [Symbol.asyncDispose]: async () => {} };
      const { ports, damage, isLoading } = fault === undefined ? {} : faultOf(fault);
      const closing = Promise.withResolvers<void>();
      const app = await startApp(
        settings,
        { openAnalyzer: async () => lent, ...ports?.({ analyzer: lent, networks, closing: closing.promise }) },
        undefined,
        { waitsUntilReady: isLoading !== true },
      );
      const stranger = makeKey(0);
      await app.app.stores.keys.addKey(stranger, ['declared']);
      damage?.(app.folder);
      return {
        opened: { url: app.app.url, key: app.key, stranger, pictures },
        [Symbol.asyncDispose]: async () => {
          closing.resolve();
          await app[Symbol.asyncDispose]();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      if (shared === undefined) return;
      const { analyzer, folder } = await shared;
      await analyzer[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

async function cut(): Promise<Pictures> {
  const square = async (number: 1 | 3 | 5 | 6, left: number, top: number, width: number, height: number) => {
    const image = sharp(await photograph(number)).extract({ left, top, width, height });
    return (await image.resize({ width: 200 }).jpeg().toBuffer()).toString('base64');
  };
  return {
    face: await square(3, 965, 150, 440, 440),
    other: await square(5, 255, 810, 450, 450),
    third: await square(6, 1370, 200, 440, 440),
    wall: await square(1, 100, 0, 300, 120),
  };
}
