/** Model packs in the console: a rehearsal, an upgrade, and the way back. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import type { Browser } from 'playwright-core';
import { modelsFolder } from '../../src/app/analyzer.ts';
import { addPack, packsFolder } from '../../src/app/models.ts';
import { makeFolder, type TestApp } from '../harness.ts';
import { thumbnailManifest, thumbnailNetwork, writePack } from '../packs/made-up.ts';
import { enterAs, isSound, noBrowser } from './browser.ts';
import { enrol, openConsole } from './open-console.ts';

const everything = { role: 'owner', appid: null } as const;
let app: TestApp;
let browser: Browser;

openConsole(
  async (opened) => {
    ({ app, browser } = opened);
    await enrol(app, ['g'], { ada: 1, bob: 2 });
  },
  async (folder) => {
    const data = await makeFolder(folder);
    const source = await writePack(join(folder, 'pack'), thumbnailManifest('thumbnail'), thumbnailNetwork());
    await addPack({ packs: join(data, packsFolder), models: join(data, modelsFolder) }, source, {});
    return { settings: { workers: 2 }, data };
  },
);

test('packs are compared on own faces, and the register is upgraded and goes back', { skip: noBrowser }, async () => {
  const { page, faults } = await enterAs(browser, app, 'ada', everything);
  page.setDefaultTimeout(60_000);
  await page.getByRole('link', { name: 'Model packs' }).click();
  await page.getByRole('rowheader', { name: /^thumbnail/ }).waitFor();
  await page.getByLabel('Another pack').selectOption('thumbnail');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByText('2 faces of 2 persons were compared.').waitFor();
  const width = await page
    .locator('img.plot')
    .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);
  assert.ok(width > 100, `the plot is drawn: ${width}`);
  await isSound(page);
  const row = page.getByRole('row').filter({ hasText: 'thumbnail' }).first();
  await row.getByRole('button', { name: 'What would it take?' }).click();
  await page.getByText('An upgrade to thumbnail would take').waitFor();
  await page.getByText('Faces to embed anew').waitFor();
  await isSound(page);
  await page.getByRole('button', { name: 'Upgrade' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Upgrade' }).click();
  await row.getByText('In use').waitFor();
  const builtin = page.getByRole('row').filter({ hasText: 'builtin' }).first();
  await builtin.getByRole('button', { name: 'Go back to it' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Go back to it' }).click();
  await builtin.getByText('In use').waitFor();
  await page.getByLabel('Language').selectOption('zh');
  await page.setViewportSize({ width: 360, height: 900 });
  await page.getByRole('button', { name: '删除保留内容' }).click();
  await isSound(page);
  await page.getByRole('dialog').getByRole('button', { name: '删除保留内容' }).click();
  await page.getByText('已删除 thumbnail 的 2 条特征').waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('a reader of the installation sees packs and changes nothing; who is for one appid does not', {
  skip: noBrowser,
}, async () => {
  const { page } = await enterAs(browser, app, 'kim', { role: 'reader', appid: null });
  await page.goto(`${app.app.adminUrl}/#/models`);
  await page.getByRole('button', { name: 'What would it take?' }).click();
  await page.getByText('Faces to embed anew').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Upgrade' }).count(), 0);
  await page.context().close();
  const { page: other } = await enterAs(browser, app, 'dan', { role: 'owner', appid: app.key.appid });
  await other.goto(`${app.app.adminUrl}/#/models`);
  await other.getByText('There is no such page.').waitFor();
  await other.context().close();
});
