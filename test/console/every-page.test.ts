/** Every page of the console, in both languages and both schemes, at three widths: whole, accessible, and reached by the keyboard alone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { TestApp } from '../harness.ts';
import { enterAs, isSound, noBrowser, overhang } from './browser.ts';
import { enrol, openConsole } from './open-console.ts';

const source = readFileSync(new URL('../../console/src/pages/pages.ts', import.meta.url), 'utf8');
/** The table of pages is TypeScript that only the console's build reads: its paths are taken from the text. */
const paths = [...source.matchAll(/\bpath: '([^']*)'/g)].map(([, path]) => path!);
const narrow = 360;
const widths = [narrow, 768, 1440] as const;
let app: TestApp;
let browser: Browser;

openConsole(async (opened) => {
  ({ app, browser } = opened);
  await enrol(app, ['friends'], { ada: 1 });
});

/** The addresses behind the `#`. */
function addresses(): readonly string[] {
  const at = source.indexOf('export const tenantPages');
  const ofTenants = new Set([...source.slice(at).matchAll(/\bpath: '([^']*)'/g)].map(([, path]) => path!));
  const filled = (path: string) => path.replace(':query', 'limit=50').replace(':person', 'ada');
  return paths.map((path) => (ofTenants.has(path) ? `/tenants/${app.key.appid}${filled(path)}` : path));
}

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(`${app.app.adminUrl}/#${path}`);
  // What the page before has left must not be taken for this one.
  await page.reload();
  await page.locator('main h1').first().waitFor();
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
}

for (const [locale, language] of [
  ['en-GB', 'English'],
  ['zh-CN', 'Chinese'],
] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every page is whole in ${language} on a ${colorScheme} screen of any width`, {
      skip: noBrowser,
    }, async () => {
      const { page, faults, hosts } = await enterAs(
        browser,
        app,
        'ada',
        { role: 'owner', appid: null },
        { locale, colorScheme },
      );
      assert.ok(paths.length >= 23, 'the table of pages was read');
      for (const path of addresses()) {
        await visit(page, path);
        for (const width of widths) {
          await page.setViewportSize({ width, height: 900 });
          if (width === narrow) await isSound(page);
          else assert.equal(await overhang(page), 0, `${page.url()} at ${width}`);
        }
      }
      assert.deepEqual([faults, [...hosts]], [[], [new URL(app.app.adminUrl).host]]);
      await page.context().close();
    });
  }
}

test('each page is reached by the keyboard alone, from the one before', { skip: noBrowser }, async () => {
  const { page, faults } = await enterAs(browser, app, 'eve', { role: 'owner', appid: null });
  for (const start of ['/', `/tenants/${app.key.appid}`]) {
    await visit(page, start);
    const links = page.locator(start === '/' ? 'nav:not(.sub) li a' : 'nav.sub li a');
    const hrefs = await links.evaluateAll((all) => all.map((each) => each.getAttribute('href')!));
    assert.ok(hrefs.length > 5);
    for (const href of hrefs) {
      await page.locator('body').press('Tab');
      for (let i = 0; i < 60; i++) {
        const focused = await page.evaluate(`document.activeElement?.getAttribute('href')`);
        const isInNav = await page.evaluate(`!!document.activeElement?.closest('nav')`);
        if (focused === href && isInNav) break;
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Enter');
      await page.locator(`nav a[href="${href}"][aria-current="page"]`).waitFor();
      await page.locator('main h1').first().waitFor();
    }
  }
  assert.deepEqual(faults, []);
  await page.context().close();
});
