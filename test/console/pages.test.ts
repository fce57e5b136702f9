/** The pages of the console for appids, keys, usage, the audit and operators, in both languages, by mouse and by keyboard. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Browser } from 'playwright-core';
import { signFor, type TestApp } from '../harness.ts';
import { operatorPassword } from '../operator.ts';
import { type Entering, enterAs, isSound, noBrowser, openPage } from './browser.ts';
import { openConsole } from './open-console.ts';

const everything = { role: 'owner', appid: null } as const;
/** What an attacker would write where others read it. */
const markup = '<img src=x onerror="document.title=1"><script>alert(1)</script>';
let app: TestApp;
let browser: Browser;

openConsole((opened) => {
  ({ app, browser } = opened);
});

const enter = (...words: Entering) => enterAs(browser, app, ...words);

test('a key is made, shown once, calls what it may, and is revoked', { skip: noBrowser }, async () => {
  const { page, faults } = await enter('ada', everything);
  const { appid } = app.key;
  await page.getByRole('link', { name: 'Appids and keys' }).click();
  await page.getByRole('link', { name: appid }).click();
  await page.getByLabel('Name of the key').fill('doors');
  await page.getByLabel('May call').selectOption('reader');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByText('it is never shown again').waitFor();
  await isSound(page);
  const shown = await page.locator('.made code').allTextContents();
  const key = { ...app.key, secretId: shown[0]!, secretKey: shown[1]! };
  const call = (endpoint: string) =>
    app.send(`/face/${endpoint}`, {
      method: 'POST',
      headers: { authorization: signFor(key), 'content-type': 'application/json' },
      body: JSON.stringify({ appid, person_id: 'p' }),
    });
  const [read, write] = [(await call('getinfo')).code, (await call('delperson')).code];
  await page.getByRole('button', { name: 'I have kept it' }).click();
  assert.equal((await page.content()).includes(key.secretKey), false);
  const row = page.getByRole('row').filter({ hasText: 'doors' });
  await row.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog').getByLabel('May call').selectOption('These endpoints');
  await page.getByRole('dialog').getByRole('checkbox', { name: 'delperson' }).check();
  await page.getByRole('dialog').getByLabel('Expires').fill('2100-01-31');
  await isSound(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await row.getByText('2100').waitFor();
  const edited = (await call('delperson')).code;
  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('will be refused from now on').filter({ visible: true }).waitFor();
  await isSound(page);
  await page.keyboard.press('Escape');
  await row.getByRole('button', { name: 'Revoke' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await row.getByText('Revoked').waitFor();
  const revoked = (await call('getinfo')).code;
  assert.notEqual(write, read);
  assert.equal(edited, read, 'what is edited may be called');
  assert.notEqual(revoked, read);
  assert.equal(read, -1303);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('an appid is added, limited and ended; markup in its note is text', { skip: noBrowser }, async () => {
  const { page, faults } = await enter('bob', everything);
  await page.getByRole('link', { name: 'Appids and keys' }).click();
  await page.getByText('Add an appid').first().click();
  await page.getByRole('textbox', { name: 'Appid' }).fill('1999777');
  await page.getByLabel('Note').fill(markup);
  await page.getByRole('button', { name: 'Add an appid' }).click();
  await page.getByRole('cell', { name: markup }).waitFor();
  assert.equal(await page.locator('td img, td script').count(), 0);
  assert.notEqual(await page.title(), '1');
  await page.getByRole('link', { name: '1999777' }).click();
  await page.getByText('Change note and limits').click();
  await page.getByRole('spinbutton', { name: 'Persons' }).fill('12');
  await isSound(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.getByText('persons 12').waitFor();
  await page.getByText('0 of 12').waitFor();
  await isSound(page);
  await page.getByRole('spinbutton', { name: 'Persons' }).fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('persons 12').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'End this appid' }).click();
  await page.getByText('for ever').filter({ visible: true }).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'End this appid' }).click();
  await page.getByRole('heading', { name: 'Appids and keys' }).waitFor();
  await page.getByRole('link', { name: '1999777' }).waitFor({ state: 'detached' });
  await isSound(page);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('every page is whole in Chinese on a narrow dark screen, and in English on a wide one', {
  skip: noBrowser,
}, async () => {
  await app.json('getinfo', { person_id: 'nobody' });
  const { page, faults, hosts } = await enter('eve', everything, { locale: 'zh-CN', width: 360, colorScheme: 'dark' });
  const visit = async (path: string, shows: string) => {
    await page.goto(`${app.app.adminUrl}/#${path}`);
    await page.getByText(shows).first().waitFor();
    await isSound(page);
  };
  await visit('/tenants', app.key.appid);
  await visit(`/tenants/${app.key.appid}`, app.key.secretId);
  await visit('/live', 'personUnknown');
  await visit('/usage', 'getinfo');
  await visit('/audit', '校验所有链');
  await visit('/operators', 'eve');
  await page.getByLabel('语言').selectOption('en');
  await page.setViewportSize({ width: 1440, height: 900 });
  await visit('/usage', 'getinfo');
  await page.getByRole('button', { name: 'Make the statement' }).click();
  await page.locator('pre').waitFor();
  await isSound(page);
  await visit('/live', 'The last ten minutes');
  await page.getByText('As a table').first().click();
  await isSound(page);
  await visit('/audit', 'Check every chain');
  await page.getByRole('button', { name: 'Check every chain' }).click();
  await page.getByText(/All \d+ lines of \d+ chains/).waitFor();
  await visit('/operators', 'eve');
  assert.deepEqual([faults, [...hosts]], [[], [new URL(app.app.adminUrl).host]]);
  await page.context().close();
});

test('an operator invites another one for one appid, who sees no other and changes nothing', {
  skip: noBrowser,
}, async () => {
  const { page } = await enter('dan', everything);
  await page.getByRole('link', { name: 'Operators' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('kim');
  await page.getByLabel('Role').selectOption('reader');
  await page.getByLabel('For which appids').selectOption(app.key.appid);
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.locator('.made code').textContent();
  const { page: other } = await openPage(browser);
  await other.goto(link!);
  for (const one of ['password', 'again']) await other.locator(`input[name=${one}]`).fill(operatorPassword);
  await other.keyboard.press('Enter');
  await other.getByRole('link', { name: 'Appids and keys' }).click();
  await other.getByRole('link', { name: app.key.appid }).click();
  await other.getByText(app.key.secretId).waitFor();
  assert.equal(await other.getByRole('button', { name: 'Revoke' }).count(), 0);
  assert.equal(await other.getByRole('button', { name: 'Make a key' }).count(), 0);
  assert.equal(await other.getByRole('link', { name: 'Operators' }).count(), 0);
  // Another role ends the sessions at once: the next page asks for a password.
  await page.reload();
  const row = page.getByRole('row').filter({ hasText: 'kim' });
  await row.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog').getByLabel('Role').selectOption('owner');
  await isSound(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await row.getByRole('cell', { name: 'Owner: may do all', exact: true }).waitFor();
  await other.reload();
  await other.getByLabel('Name').fill('kim');
  await other.getByLabel('Password').fill(operatorPassword);
  await other.keyboard.press('Enter');
  await other.getByRole('button', { name: 'Make a key' }).waitFor();
  await row.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await row.waitFor({ state: 'detached' });
  await other.getByRole('link', { name: 'Audit' }).click();
  await other.reload();
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.context().close();
  await other.context().close();
});
