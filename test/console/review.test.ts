/** What a check of the register proposes, decided in the console by two keys. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Browser } from 'playwright-core';
import { photograph, type TestApp } from '../harness.ts';
import { enterAs, isSound, noBrowser } from './browser.ts';
import { enrol, openConsole } from './open-console.ts';

let app: TestApp;
let browser: Browser;

openConsole(async (opened) => {
  ({ app, browser } = opened);
  // Two persons were registered twice each.
  await enrol(app, ['g'], { ada: 1, 'ada-2': 1, bob: 2, 'bob-2': 2 });
});

/** The persons that there are. */
async function persons(): Promise<readonly string[]> {
  return (await app.json('getpersonids', { group_id: 'g' })).data.person_ids.toSorted();
}

test('doubles are decided one after the other by keys, undone, and by mouse', { skip: noBrowser }, async () => {
  const { appid } = app.key;
  const { page, faults } = await enterAs(browser, app, 'ada', { role: 'editor', appid });
  await page.goto(`${app.app.adminUrl}/#/tenants/${appid}/review`);
  await page.getByText('It was not checked yet.').waitFor();
  await page.getByText('There is nothing to decide.').waitFor();
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByText('Checked at').waitFor();
  const asked = page.getByRole('heading', { name: 'Is this one person?' });
  await asked.waitFor();
  const pictures = page.locator('.pair img');
  assert.equal(await pictures.count(), 2);
  const width = await pictures.first().evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);
  assert.ok(width > 100, 'the crop is shown');
  await isSound(page);
  const before = await persons();
  assert.equal(before.length, 4);
  // A key that is typed somewhere, or pressed with another one, decides nothing.
  await page.keyboard.press('Control+a');
  await page.getByLabel('Language').focus();
  await page.keyboard.press('a');
  await page.locator('body').click({ position: { x: 1, y: 1 } });
  await page.keyboard.press('a');
  await page.getByRole('button', { name: 'Undo the last' }).waitFor();
  assert.equal((await persons()).length, 3);
  await page.keyboard.press('u');
  await page.getByRole('button', { name: 'Undo the last' }).waitFor({ state: 'detached' });
  assert.deepEqual(await persons(), before);
  await page.getByText('The next check proposes it again.').waitFor();
  // The other pair is next: it is dismissed for good, and the next check proposes the undone one alone.
  await asked.waitFor();
  await page.keyboard.press('d');
  await page.getByText('There is nothing to decide.').waitFor();
  assert.deepEqual(await persons(), before);
  await page.getByRole('button', { name: 'Check now' }).click();
  await asked.waitFor();
  await page.getByRole('button', { name: 'One person' }).click();
  await page.getByText('There is nothing to decide.').waitFor();
  assert.equal((await persons()).length, 3);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('a reader sees what is proposed in Chinese on a narrow screen, and decides nothing', {
  skip: noBrowser,
}, async () => {
  const { appid } = app.key;
  await app.form('newperson', { person_id: 'carl', group_ids: ['g'], image: await photograph(4) });
  await app.form('newperson', { person_id: 'carl-2', group_ids: ['g'], image: await photograph(4) });
  const { page: editor } = await enterAs(browser, app, 'eve', { role: 'editor', appid });
  await editor.goto(`${app.app.adminUrl}/#/tenants/${appid}/review`);
  await editor.getByRole('button', { name: 'Check now' }).click();
  await editor.getByRole('heading', { name: 'Is this one person?' }).waitFor();
  await editor.context().close();
  const reader = { role: 'reader', appid } as const;
  const { page } = await enterAs(browser, app, 'kim', reader, { locale: 'zh-CN', width: 360, colorScheme: 'dark' });
  await page.goto(`${app.app.adminUrl}/#/tenants/${appid}/review`);
  await page.getByRole('heading', { name: '这是同一个人吗' }).waitFor();
  await isSound(page);
  const before = await persons();
  await page.keyboard.press('a');
  await page.keyboard.press('d');
  assert.equal(await page.locator('.decisions').count(), 0);
  assert.equal(await page.getByRole('button', { name: '开始检查' }).count(), 0);
  assert.deepEqual(await persons(), before);
  await page.context().close();
});
