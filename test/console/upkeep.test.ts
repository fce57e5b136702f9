/** The doctor, backups and imports in the console. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { Browser } from 'playwright-core';
import { photograph, type TestApp } from '../harness.ts';
import { enterAs, isSound, noBrowser } from './browser.ts';
import { openConsole } from './open-console.ts';

const everything = { role: 'owner', appid: null } as const;
/** What an attacker would call a folder. */
const markup = '<img src=x onerror="document.title=1">';
let app: TestApp;
let browser: Browser;
let folder: string;

openConsole(
  (opened) => {
    ({ app, browser } = opened);
  },
  async (given) => {
    folder = given;
    const [backupFolder, importFolder] = [join(folder, 'backups'), join(folder, 'imports')];
    for (const name of [backupFolder, join(importFolder, 'people', markup)]) await mkdir(name, { recursive: true });
    await writeFile(join(importFolder, 'people', markup, '1.jpg'), await photograph(1));
    await writeFile(join(importFolder, 'people', markup, '2.jpg'), 'no picture');
    return { settings: { backupFolder, importFolder } };
  },
);

test('the doctor is asked, and a backup is made and checked, by keyboard and on a narrow screen', {
  skip: noBrowser,
}, async () => {
  const { page, faults } = await enterAs(browser, app, 'ada', everything, { width: 360, colorScheme: 'dark' });
  page.setDefaultTimeout(60_000);
  await page.goto(`${app.app.adminUrl}/#/upkeep`);
  await page.getByRole('button', { name: 'Examine' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Done for ada').waitFor();
  await page.getByRole('cell', { name: 'Well' }).first().waitFor();
  await isSound(page);
  await page.getByText('There is no backup yet.').waitFor();
  await page.getByRole('button', { name: 'Make a backup' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('The backup is made').waitFor();
  const check = page.getByRole('button', { name: 'Check' });
  await check.click();
  await page.getByText('every value can be decrypted').waitFor();
  await isSound(page);
  await page.getByLabel('Language').selectOption('zh');
  await page.getByText('所有数据均可解密').waitFor();
  await isSound(page);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('pictures are imported with what was refused; markup in their names is text', { skip: noBrowser }, async () => {
  const { page, faults } = await enterAs(browser, app, 'bob', everything);
  page.setDefaultTimeout(60_000);
  await page.goto(`${app.app.adminUrl}/#/tenants/${app.key.appid}/import`);
  await page.getByText('Folders of pictures').waitFor();
  await isSound(page);
  await page.getByRole('button', { name: 'Import' }).click();
  await page.getByText('Pictures refused').waitFor();
  await page.getByText('The first of them').click();
  await page.getByRole('rowheader', { name: `${markup}/2.jpg` }).waitFor();
  assert.equal(await page.locator('main img').count(), 0);
  assert.notEqual(await page.title(), '1');
  await isSound(page);
  await page.getByRole('link', { name: '-1400' }).click();
  await page.getByText('ERROR_IMAGE_FORMAT_INVALID').waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});
