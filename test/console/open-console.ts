/** Opens what tests of the console work with. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { SettingName } from '../../src/app/settings.ts';
import { refusals } from '../../src/contract/refusals.ts';
import { photograph, startApp, type TestApp } from '../harness.ts';
import { noBrowser, openBrowser } from './browser.ts';
import { buildConsole } from './build.ts';

/** What is open while the tests of a file run. */
export interface OpenedConsole {
  readonly app: TestApp;
  readonly browser: Browser;
}

/** What is opened otherwise than usual. */
export interface Opening {
  readonly settings?: Partial<Record<SettingName, unknown>>;
  /** The data folder; one of its own if absent. */
  readonly data?: string;
  /** Arguments of the browser. */
  readonly browser?: readonly string[];
}

/**
 * Builds the console, and opens a server and a browser before the tests of a file, which end with them; neither where there is no browser.
 * @param onOpen takes them.
 * @param prepare is given a folder for files, which goes with them.
 */
export function openConsole(
  onOpen: (opened: OpenedConsole) => void | Promise<void>,
  prepare: (folder: string) => Opening | Promise<Opening> = () => ({}),
): void {
  const opened = new AsyncDisposableStack();
  before(async () => {
    if (noBrowser !== false) return;
    buildConsole();
    const folder = await mkdtemp(join(tmpdir(), 'familiar-console-'));
    opened.defer(() => rm(folder, { recursive: true }));
    const { settings, data, browser: words } = await prepare(folder);
    const app = opened.use(await startApp(settings, {}, data));
    const browser = opened.adopt(await openBrowser(words), (browser) => browser.close());
    await onOpen({ app, browser });
  });
  after(() => opened.disposeAsync());
}

/** How long, in milliseconds, until what a busy server refused is asked for again, and how often at most. */
const againMs = 1_000;
const timesMax = 30;

/** Registers persons, each with one of the photographs by its number. */
export async function enrol(
  app: TestApp,
  groups: readonly string[],
  photographs: Readonly<Record<string, Parameters<typeof photograph>[0]>>,
): Promise<void> {
  for (const [person, number] of Object.entries(photographs)) {
    const image = await photograph(number);
    const register = () => app.form('newperson', { person_id: person, group_ids: groups, image });
    let made = await register();
    // The machine may be too busy for a picture.
    for (let i = 0; made.code === refusals.tooManyRequests.code && i < timesMax; i++) {
      await setTimeout(againMs);
      made = await register();
    }
    assert.equal(made.code, 0, made.text);
  }
}
