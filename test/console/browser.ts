/** Drives the console in a browser, as an operator does. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { digestOf, type Grant, makeToken } from '../../src/auth/operators.ts';
import type { TestApp } from '../harness.ts';
import { operatorPassword } from '../operator.ts';

/** Names under which browsers of this family are installed. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser of this machine; undefined if it has none. */
export const browserPath = names
  .map((name) =>
    spawnSync('sh', ['-c', `command -v ${name} || ls /usr/bin/${name}`], { encoding: 'utf8' }).stdout?.trim(),
  )
  .find((path) => path);

/** What a test says that is skipped for want of a browser. */
export const noBrowser =
  browserPath === undefined && `this machine has none of ${names.join(', ')} (Debian: apt-get install chromium)`;

/** Starts the browser. */
export const openBrowser = (args: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox', ...args] });

/** A page, and what went wrong in it: errors of scripts, and what its security policy forbade. */
export interface WatchedPage {
  readonly page: Page;
  readonly faults: readonly string[];
  /** The hosts that it asked. */
  readonly hosts: ReadonlySet<string>;
}

/** Opens a page in a session of its own. */
export async function openPage(
  browser: Browser,
  options: { readonly locale?: string; readonly width?: number; readonly colorScheme?: 'light' | 'dark' } = {},
): Promise<WatchedPage> {
  const { locale = 'en-GB', width = 1280, colorScheme = 'light' } = options;
  // Colours that still change from one scheme to the other have no contrast to measure.
  const reducedMotion = 'reduce';
  const context = await browser.newContext({ locale, colorScheme, reducedMotion, viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const [faults, hosts] = [[] as string[], new Set<string>()];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url())) hosts.add(new URL(request.url()).host);
  });
  return { page, faults, hosts };
}

/** Who signs in, and what their browser is like. */
export type Entering = [name: string, grant: Grant, options?: Parameters<typeof openPage>[1]];

/** Signs in by a link, in a session of its own. */
export async function enterAs(browser: Browser, app: TestApp, ...entering: Entering): Promise<WatchedPage> {
  const [name, grant, options] = entering;
  const opened = await openPage(browser, options);
  await opened.page.goto(await makeLink(app, name, grant));
  for (const one of ['password', 'again']) await opened.page.locator(`input[name=${one}]`).fill(operatorPassword);
  await opened.page.keyboard.press('Enter');
  await opened.page.locator('nav').waitFor();
  return opened;
}

/** A page has no serious fault for who cannot see it, and is not wider than the window. */
export async function isSound(page: Page): Promise<void> {
  assert.deepEqual(await accessibilityFaults(page), [], page.url());
  assert.equal(await overhang(page), 0, page.url());
}

/** Makes a link as `familiar console link` does. */
export async function makeLink({ app }: TestApp, name: string, grant: Grant): Promise<string> {
  const token = makeToken();
  await app.stores.operators.addLink(digestOf(token), name, grant, Date.now());
  return `${app.adminUrl}/#/link/${token}`;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds that is serious or critical, each with the elements that it is about. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  // Through the debugger: the page's own policy forbids a script that is added to it.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** How many pixels of the page are beyond the right edge of the window. */
export const overhang = (page: Page): Promise<number> =>
  page.evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`);
