/** The first steps in the console, and the page of codes that answers lead to. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Browser } from 'playwright-core';
import { refusals } from '../../src/contract/refusals.ts';
import { photograph, type TestApp } from '../harness.ts';
import { enterAs, isSound, noBrowser } from './browser.ts';
import { openConsole } from './open-console.ts';

const everything = { role: 'owner', appid: null } as const;
let app: TestApp;
let browser: Browser;

openConsole((opened) => {
  ({ app, browser } = opened);
});

test('an empty installation leads to a key, a person and a recognition, and sees each done', {
  skip: noBrowser,
}, async () => {
  const { page, faults } = await enterAs(browser, app, 'ada', everything);
  const { appid } = app.key;
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  await isSound(page);
  await page.getByRole('link', { name: 'Begin' }).click();
  await page.getByRole('heading', { name: 'A key Done' }).waitFor();
  const program = page.locator('pre');
  await program.getByText('PASTE-THE-SECRETKEY-HERE').waitFor();
  await isSound(page);
  await page.getByRole('button', { name: 'Make a key' }).click();
  const [secretId, secretKey] = [
    await page.locator('.made code').first().textContent(),
    await page.locator('.made code').last().textContent(),
  ];
  for (const language of ['curl', 'Node.js', 'Python', 'Java', 'PHP']) {
    await page.getByLabel('Language of the program').selectOption(language);
    const code = await program.textContent();
    for (const value of [secretId!, secretKey!, appid, app.app.url])
      assert.ok(code!.includes(value), `${language}: ${value}`);
  }
  await isSound(page);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await program.getByText('PASTE-THE-SECRETKEY-HERE').waitFor();
  assert.equal((await page.content()).includes(secretKey!), false);
  const image = await photograph(1);
  assert.equal((await app.form('newperson', { person_id: 'ada', 'group_ids[0]': 'friends', image })).code, 0);
  assert.equal((await app.form('identify', { group_id: 'friends', image })).code, 0);
  await page.getByRole('heading', { name: 'A recognition Done' }).waitFor();
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('heading', { name: 'Server' }).waitFor();
  await page.getByRole('heading', { name: 'Welcome' }).waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('a reader sees the program with a key of the appid, and makes none', { skip: noBrowser }, async () => {
  const { appid, secretId } = app.key;
  const reader = { role: 'reader', appid } as const;
  const { page } = await enterAs(browser, app, 'kim', reader, { locale: 'zh-CN', width: 360, colorScheme: 'dark' });
  await page.goto(`${app.app.adminUrl}/#/tenants/${appid}/start`);
  await page.locator('pre').getByText(secretId).waitFor();
  assert.equal(await page.getByRole('button', { name: '创建密钥' }).count(), 0);
  await isSound(page);
  await page.context().close();
});

test('a code of an answer leads to what to do about it, in both languages', { skip: noBrowser }, async () => {
  await app.json('getinfo', { person_id: 'nobody' });
  const { page, faults } = await enterAs(browser, app, 'eve', everything, { width: 360 });
  await page.goto(`${app.app.adminUrl}/#/usage`);
  await page.getByRole('combobox', { name: /^By/ }).selectOption('code');
  await page.getByRole('link', { name: '-1303' }).click();
  await page.getByText('Check the person_id; newperson creates persons.').waitFor();
  await isSound(page);
  await page.getByLabel('Language').selectOption('zh');
  await page.getByText('HTTP 状态码').waitFor();
  assert.match((await page.locator('main').textContent())!, /处理办法.*newperson/);
  await page.getByRole('link', { name: '全部返回码' }).click();
  await page.getByText('ERROR_SAME_FACE_ADDED').waitFor();
  assert.equal(await page.locator('main article').count(), Object.keys(refusals).length);
  await isSound(page);
  await page.goto(`${app.app.adminUrl}/#/codes/77`);
  await page.getByText('内容不存在').waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});
