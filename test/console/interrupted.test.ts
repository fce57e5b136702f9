/** Work in the console that is interrupted: by the end of a session, another tab, a server that is away, and addresses that lead nowhere. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { TestApp } from '../harness.ts';
import { operatorPassword } from '../operator.ts';
import { enterAs, isSound, makeLink, noBrowser } from './browser.ts';
import { openConsole } from './open-console.ts';

const everything = { role: 'owner', appid: null } as const;
let app: TestApp;
let browser: Browser;

openConsole((opened) => {
  ({ app, browser } = opened);
});

const address = (path: string): string => `${app.app.adminUrl}/#${path}`;
const tenant = (rest = ''): string => `/tenants/${app.key.appid}${rest}`;

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByLabel('Password').fill(operatorPassword);
  await page.keyboard.press('Enter');
}

/** Waits until the page has a value: its own policy forbids to have it wait itself. */
async function isSoon(page: Page, expression: string, value: unknown): Promise<void> {
  for (let i = 0; i < 50 && (await page.evaluate(expression)) !== value; i++) await page.waitForTimeout(100);
  assert.equal(await page.evaluate(expression), value);
}

test('a session that ends in the middle of work is begun again, and the page is as it was left', {
  skip: noBrowser,
}, async () => {
  const { page, faults } = await enterAs(browser, app, 'ada', everything);
  await page.goto(address(tenant('/enrol')));
  const id = page.getByLabel('Id of the person');
  await id.fill('somebody');
  await app.app.stores.operators.endSessions('ada');
  await page.getByLabel('Groups, separated by commas').fill('g');
  await page.getByText('Your session is over.').waitFor();
  assert.equal(await id.isVisible(), false, 'nobody reads on');
  assert.equal(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue(), 'ada');
  await isSound(page);
  // The focus is where the password goes.
  await page.keyboard.type(operatorPassword);
  await page.keyboard.press('Enter');
  await id.waitFor();
  assert.equal(await id.inputValue(), 'somebody');
  assert.equal(await page.getByLabel('Groups, separated by commas').inputValue(), 'g');
  // Whoever signs in as somebody else finds nothing of it.
  await enterAs(browser, app, 'bob', everything).then(({ page }) => page.context().close());
  await app.app.stores.operators.endSessions('ada');
  await page.getByLabel('Groups, separated by commas').fill('gh');
  await page.getByText('Your session is over.').waitFor();
  await signIn(page, 'bob');
  await id.waitFor();
  assert.equal(await id.inputValue(), '');
  await page.locator('summary').filter({ hasText: 'bob' }).waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('a tab goes on with the session that another one has begun, as whoever that is', { skip: noBrowser }, async () => {
  const { page, faults } = await enterAs(browser, app, 'eve', everything);
  await page.goto(address('/tenants'));
  await page.getByText('Add an appid').first().click();
  await page.getByRole('textbox', { name: 'Appid' }).fill('1999001');
  const other = await page.context().newPage();
  await other.goto(await makeLink(app, 'eve', everything));
  for (const one of ['password', 'again']) await other.locator(`input[name=${one}]`).fill(operatorPassword);
  await other.keyboard.press('Enter');
  await other.locator('nav').first().waitFor();
  await page.getByRole('button', { name: 'Add an appid' }).click();
  await page.getByRole('link', { name: '1999001' }).waitFor();
  await other.goto(await makeLink(app, 'kim', { role: 'reader', appid: app.key.appid }));
  for (const one of ['password', 'again']) await other.locator(`input[name=${one}]`).fill(operatorPassword);
  await other.keyboard.press('Enter');
  await other.locator('summary').filter({ hasText: 'kim' }).waitFor();
  await page.bringToFront();
  await page.getByText('Add an appid').first().click();
  await page.getByRole('textbox', { name: 'Appid' }).fill('1999002');
  await page.getByRole('button', { name: 'Add an appid' }).click();
  await page.locator('summary').filter({ hasText: 'kim' }).waitFor();
  await page.getByRole('link', { name: app.key.appid }).waitFor();
  assert.equal(await page.getByRole('link', { name: '1999001' }).count(), 0, 'what eve was shown is forgotten');
  assert.equal((await app.app.stores.tenants.list('1999002')).length, 0);
  await other.locator('summary').filter({ hasText: 'kim' }).click();
  await other.getByRole('button', { name: 'Sign out', exact: true }).click();
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await other.getByText('Your session is over.').count(), 0);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('a server that is away is asked again, what it was asked to do is not said to be done, and no network is needed', {
  skip: noBrowser,
}, async () => {
  const { page, faults } = await enterAs(browser, app, 'dan', everything);
  await page.evaluate(`dispatchEvent(new Event('offline'))`);
  await page.goto(address('/usage'));
  await page.getByRole('button', { name: 'Make the statement' }).waitFor();
  await page.route('**/api/**', (route) => route.abort());
  await page.getByRole('button', { name: 'Make the statement' }).click();
  await page.getByText('It may have done this or not').waitFor();
  await page.getByRole('link', { name: 'Codes' }).click();
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByText('The server cannot be reached.').first().waitFor();
  await page.unroute('**/api/**');
  await page.getByText('sign in').first().waitFor();
  assert.equal(await page.getByText('The server cannot be reached.').count(), 0);
  // A proxy answers for a server that is not there.
  await page.route('**/api/**', (route) => route.fulfill({ status: 502, body: '<h1>Bad Gateway</h1>' }));
  await page.getByRole('link', { name: 'Operators' }).click();
  await page.getByText('The server cannot be reached.').first().waitFor();
  await page.unroute('**/api/**');
  await page.getByRole('rowheader', { name: 'dan' }).waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('a page of another origin frames nothing, is shown nothing, and orders nothing, whoever is signed in', {
  skip: noBrowser,
}, async () => {
  const { page } = await enterAs(browser, app, 'gil', everything);
  const { adminUrl } = app.app;
  const crop = `${adminUrl}/api/crop?appid=${app.key.appid}&face=1`;
  // Of this machine, as browsers let no page of another one ask this one for anything.
  const evil = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<iframe src="${adminUrl}/"></iframe><img src="${crop}">
      <form method="post" enctype="text/plain" action="${adminUrl}/api/tenants.add"><input name="x" value="y"></form>`);
  }).listen(0, '127.0.0.1');
  await once(evil, 'listening');
  await using _ = { [Symbol.asyncDispose]: async () => void evil.close() };
  const other = await page.context().newPage();
  const asked: string[] = [];
  other.on('response', (response) => {
    if (response.url().startsWith(adminUrl)) asked.push(`${new URL(response.url()).pathname} ${response.status()}`);
  });
  await other.goto(`http://localhost:${(evil.address() as AddressInfo).port}/`);
  await other.waitForLoadState('networkidle');
  const framed = other.frames().find((frame) => frame !== other.mainFrame());
  assert.equal(
    await framed
      ?.locator('header')
      .count()
      .catch(() => 0),
    0,
    'the frame is empty',
  );
  assert.equal(await other.evaluate(`document.images[0].naturalWidth`), 0);
  const read = await other.evaluate(async (url) => {
    const order = { method: 'POST', credentials: 'include', body: '{"new":"1999666"}' } as const;
    const tries = [fetch(`${url}/api/session.show`, { ...order, body: '{}' }), fetch(`${url}/api/tenants.add`, order)];
    return (await Promise.allSettled(tries)).map(({ status }) => status);
  }, adminUrl);
  assert.deepEqual(read, ['rejected', 'rejected']);
  await other.evaluate(`document.forms[0].submit()`);
  await other.waitForLoadState('networkidle');
  assert.ok(
    asked.length > 0 && asked.every((answer) => answer === '/ 200' || / (400|401|403)$/.test(answer)),
    asked.join('; '),
  );
  assert.equal((await app.app.stores.tenants.list('1999666')).length, 0);
  await page.context().close();
});

test('an address that leads nowhere says so, and another page begins at its top with a name of its own', {
  skip: noBrowser,
}, async () => {
  const { page, faults } = await enterAs(browser, app, 'fay', everything);
  for (const [path, says] of [
    ['/nowhere', 'There is no such page.'],
    ['/tenants/none', 'There is no such appid'],
    ['/tenants/%E0%A4%A', 'There is no such appid'],
    [tenant('/nowhere'), 'There is no such page.'],
    [tenant('/persons/%25'), 'There is no such person'],
    [tenant('/persons/page/%'), 'Nobody is registered yet.'],
    ['/codes/7', 'This is not there'],
    ['/link/%', 'This link was used'],
  ] as const) {
    await page.goto(address(path));
    await page.reload();
    await page.getByText(says).first().waitFor();
  }
  await page.goto(address('/codes'));
  await page.locator('article').nth(20).scrollIntoViewIfNeeded();
  // The page hears of it a frame later.
  await page.evaluate(
    `new Promise((done) => { addEventListener('scroll', () => done(), { once: true }); scrollTo(0, 2000); })`,
  );
  await page.evaluate(`document.querySelector('nav a[href="#/tenants"]').click()`);
  await page.getByRole('link', { name: app.key.appid }).waitFor();
  assert.deepEqual(await page.evaluate(`[scrollY, document.activeElement.id]`), [0, 'main']);
  assert.equal(await page.title(), 'Appids and keys · familiar');
  await page.goBack();
  await page.locator('article').nth(20).waitFor();
  await isSoon(page, `scrollY > 1000`, true);
  for (const [path, title] of [
    [tenant('/groups'), `Groups · ${app.key.appid} · familiar`],
    [tenant('/persons/ada'), `ada · Persons · ${app.key.appid} · familiar`],
  ] as const) {
    await page.goto(address(path));
    await isSoon(page, 'document.title', title);
  }
  assert.deepEqual(faults, []);
  await page.context().close();
});
