/** Signing in to the console with a browser, and its first page, in both languages and both schemes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Browser } from 'playwright-core';
import type { TestApp } from '../harness.ts';
import { operatorPassword } from '../operator.ts';
import { accessibilityFaults, makeLink, noBrowser, openPage, overhang } from './browser.ts';
import { openConsole } from './open-console.ts';

const everything = { role: 'owner', appid: null } as const;
let app: TestApp;
let browser: Browser;

openConsole((opened) => {
  ({ app, browser } = opened);
});

test('a link sets a password and signs in; the password signs in again, and a wrong one does not', {
  skip: noBrowser,
}, async () => {
  const { page, faults, hosts } = await openPage(browser);
  await page.goto(await makeLink(app, 'ada', everything));
  await page.getByText('You will sign in as ada.').waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.getByLabel('New password').fill(operatorPassword);
  await page.getByLabel('The same again').fill('another');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The two are not the same.').waitFor();
  await page.getByLabel('The same again').fill(operatorPassword);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  assert.doesNotMatch(page.url(), /link/);
  await page.getByText('ada', { exact: true }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('The name or the password is wrong.').waitFor();
  await page.getByLabel('Password').fill(operatorPassword);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  assert.deepEqual([faults, [...hosts]], [[], [new URL(app.app.adminUrl).host]]);
  await page.context().close();
});

test('a link that was used says so', { skip: noBrowser }, async () => {
  const { page } = await openPage(browser);
  await page.goto(`${app.app.adminUrl}/#/link/never-made`);
  await page.getByText('This link was used, or is older than an hour.').waitFor();
  await page.getByRole('link', { name: 'To the sign-in page' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.context().close();
});

test('the overview is whole and accessible in both languages and schemes, on a narrow screen too', {
  skip: noBrowser,
}, async () => {
  await app.json('getinfo', { person_id: 'nobody' });
  const { page, faults } = await openPage(browser, { locale: 'zh-CN', width: 360 });
  await page.goto(await makeLink(app, 'bob', everything));
  await page.getByLabel('新密码').fill(operatorPassword);
  await page.getByLabel('再输入一次').fill(operatorPassword);
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByText('被拒绝的调用').first().waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
  const check = async () => {
    assert.deepEqual(await accessibilityFaults(page), []);
    assert.equal(await overhang(page), 0);
  };
  await check();
  await page.getByLabel('配色').selectOption('dark');
  await check();
  await page.getByLabel('语言').selectOption('en');
  await page.getByRole('heading', { name: 'Calls of the last 30 days' }).waitFor();
  await page.getByText('As a table').click();
  await check();
  assert.equal(await page.locator('tbody tr').last().locator('td').last().textContent(), '1');
  await page.setViewportSize({ width: 1920, height: 1080 });
  await check();
  await page.reload();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  assert.deepEqual(faults, []);
  await page.context().close();
});
