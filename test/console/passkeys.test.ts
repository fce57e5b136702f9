/** Passkeys in the console, with the authenticator that Chromium has for tests. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { TestApp } from '../harness.ts';
import { operatorPassword } from '../operator.ts';
import { accessibilityFaults, isSound, makeLink, noBrowser, openPage } from './browser.ts';
import { openConsole } from './open-console.ts';

let app: TestApp;
let browser: Browser;

openConsole((opened) => {
  ({ app, browser } = opened);
});

/** Gives a page an authenticator whose user is there, and shows a finger where asked for. */
async function giveAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
}

test('a passkey is added, signs in without a name or password, and is removed', { skip: noBrowser }, async () => {
  const { page, faults } = await openPage(browser);
  await giveAuthenticator(page);
  // A passkey is for a page that has a name.
  const byName = (url: string) => url.replace('127.0.0.1', 'localhost');
  await page.goto(byName(await makeLink(app, 'ada', { role: 'reader', appid: app.key.appid })));
  for (const one of ['password', 'again']) await page.locator(`input[name=${one}]`).fill(operatorPassword);
  await page.keyboard.press('Enter');
  await page.getByText('ada', { exact: true }).click();
  await page.getByRole('link', { name: 'Your account' }).click();
  await page.getByText('You have no passkey yet.').waitFor();
  await isSound(page);
  await page.getByLabel('Name of the passkey').fill('<b>my laptop</b>');
  await page.getByLabel('Your password').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('The password is wrong.').waitFor();
  await page.getByLabel('Your password').fill(operatorPassword);
  await page.keyboard.press('Enter');
  await page.getByRole('rowheader', { name: '<b>my laptop</b>' }).waitFor();
  await isSound(page);
  await page.getByText('ada', { exact: true }).first().click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  const passkey = page.getByRole('button', { name: 'Sign in with a passkey' });
  await passkey.waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await passkey.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Overview' }).waitFor();
  await page.goto(byName(`${app.app.adminUrl}/#/account`));
  await page.getByLabel('Language').selectOption('zh');
  await page.setViewportSize({ width: 360, height: 900 });
  await page.getByRole('button', { name: '移除' }).click();
  await isSound(page);
  await page.getByRole('dialog').getByRole('button', { name: '移除' }).click();
  await page.getByText('您还没有通行密钥').waitFor();
  await page.getByText('ada', { exact: true }).first().click();
  await page.getByRole('button', { name: '退出登录', exact: true }).click();
  await page.getByRole('button', { name: '使用通行密钥登录' }).click();
  await page.getByText('此处不认识该通行密钥').waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('a page that is reached by a number offers no passkey, and says why', { skip: noBrowser }, async () => {
  const { page } = await openPage(browser);
  await page.goto(await makeLink(app, 'bob', { role: 'reader', appid: null }));
  for (const one of ['password', 'again']) await page.locator(`input[name=${one}]`).fill(operatorPassword);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Overview' }).waitFor();
  await page.goto(`${app.app.adminUrl}/#/account`);
  await page.getByText('This page can have none').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Add a passkey' }).count(), 0);
  await page.context().close();
});
