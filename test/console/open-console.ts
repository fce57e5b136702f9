/** Opens what tests of the console work with. */
import { after, before } from 'node:test';
import type { Browser } from 'playwright-core';
import { startApp, type TestApp } from '../harness.ts';
import { noBrowser, openBrowser } from './browser.ts';
import { buildConsole } from './build.ts';

/**
 * Builds the console, and opens a server and a browser before the tests of a file, which end with them; neither where there is no browser.
 * @param onOpen takes them.
 */
export function openConsole(onOpen: (opened: { readonly app: TestApp; readonly browser: Browser }) => void): void {
  const opened = new AsyncDisposableStack();
  before(async () => {
    if (noBrowser !== false) return;
    buildConsole();
    const app = opened.use(await startApp());
    const browser = opened.adopt(await openBrowser(), (browser) => browser.close());
    onOpen({ app, browser });
  });
  after(() => opened.disposeAsync());
}
