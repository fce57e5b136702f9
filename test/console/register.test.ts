/** The console's pages of a register: groups, persons, a person; searched, paged, changed, corrected and erased, by mouse and by keyboard. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Grant } from '../../src/auth/operators.ts';
import type { TestApp } from '../harness.ts';
import { operatorPassword } from '../operator.ts';
import { face, limits } from '../store/fixtures.ts';
import { accessibilityFaults, makeLink, noBrowser, openPage, overhang, type WatchedPage } from './browser.ts';
import { enrol, openConsole } from './open-console.ts';

/** What attackers would write where others read it: markup, a drawing that runs, marks that turn the order of text. */
const hostile = {
  markup: '<img src=x onerror="document.title=1"><script>document.title=1</script>',
  drawing: '<svg onload="document.title=1"><a href="javascript:document.title=1">x</a></svg>',
  turned: '\u202egnp.ecaf\u202c\u2069\u202e',
};
/** An id of all that a path would take for its own. */
const oddId = '50%25?a=1&b#c<b>人\u202e%';

let app: TestApp;
let browser: Browser;

openConsole(async (opened) => {
  ({ app, browser } = opened);
  await enrol(app, ['staff'], { ada: 1 });
  await enrol(app, ['staff', 'night'], { bob: 2 });
  await app.app.stores.of(app.key.appid).write(async (store) => {
    for (let i = 0; i < 130; i += 1) {
      const id = `p${String(i).padStart(3, '0')}`;
      await store.insertPerson({ id, name: `Name ${i}`, tag: '' });
      await store.joinGroups(id, ['many'], limits);
    }
    await store.insertPerson({ id: oddId, name: hostile.markup, tag: hostile.drawing });
    await store.joinGroups(oddId, ['<b>group</b>', hostile.turned], limits);
    for (const one of ['10001', '10002', '10003']) await store.insertFace(face(one, oddId), limits);
  });
});

async function enter(
  name: string,
  role: Grant['role'],
  options: Parameters<typeof openPage>[1] = {},
): Promise<WatchedPage> {
  const opened = await openPage(browser, options);
  await opened.page.goto(await makeLink(app, name, { role, appid: app.key.appid }));
  for (const one of ['password', 'again']) await opened.page.locator(`input[name=${one}]`).fill(operatorPassword);
  await opened.page.keyboard.press('Enter');
  await opened.page.locator('nav').first().waitFor();
  return opened;
}

async function isSound(page: Page): Promise<void> {
  assert.deepEqual(await accessibilityFaults(page), [], page.url());
  assert.equal(await overhang(page), 0, page.url());
}

/** A picture as a page knows it. */
interface Picture {
  readonly naturalWidth: number;
  decode(): Promise<void>;
}

/** How many pixels wide a picture is, once it is loaded. */
const widthOf = async (picture: unknown): Promise<number> => {
  await (picture as Picture).decode();
  return (picture as Picture).naturalWidth;
};

/** Waits until a page has so many pictures of faces. */
async function hasCrops(page: Page, count: number): Promise<void> {
  await page
    .locator('img.crop')
    .nth(count - 1)
    .waitFor();
  await page.locator('img.crop').nth(count).waitFor({ state: 'detached' });
}

const open = (page: Page, path: string) => page.goto(`${app.app.adminUrl}/#/tenants/${app.key.appid}${path}`);
const rows = (page: Page) => page.locator('tbody th').allTextContents();

test('persons are turned page by page, forth and back, searched, and filtered by a group, by keyboard alone', {
  skip: noBrowser,
}, async () => {
  const { page, faults, hosts } = await enter('kim', 'reader');
  await open(page, '/groups');
  await page.getByText('Groups in all: 5').waitFor();
  await page.getByRole('row').filter({ hasText: 'many' }).getByText('130').waitFor();
  await isSound(page);
  assert.equal(await page.getByRole('button', { name: 'End' }).count(), 0, 'a reader erases nothing');
  await page.getByRole('link', { name: 'many' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Persons in many: 130').waitFor();
  const first = await rows(page);
  assert.deepEqual([first.length, first[0], first.at(-1)], [50, 'p000', 'p049']);
  await isSound(page);
  for (const from of ['p050', 'p100']) {
    await page.getByRole('link', { name: 'Next' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: from }).waitFor();
  }
  assert.equal((await rows(page)).length, 30);
  assert.equal(await page.getByRole('link', { name: 'Next' }).count(), 0);
  await page.getByRole('link', { name: 'Previous' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'p050' }).waitFor();
  await page.goBack();
  await page.getByRole('link', { name: 'p129' }).waitFor();
  await page.getByLabel('Search in').selectOption('name');
  await page.getByLabel('Begins with').fill('Name 12');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'p012' }).waitFor();
  assert.deepEqual((await rows(page)).toSorted(), ['p012', ...Array.from({ length: 10 }, (_, i) => `p12${i}`)]);
  assert.deepEqual([faults, [...hosts]], [[], [new URL(app.app.adminUrl).host]]);
  await page.context().close();
});

test('a person is shown with pictures that are loaded, quality, groups and history, whatever its id and name are', {
  skip: noBrowser,
}, async () => {
  const { page, faults } = await enter('eve', 'reader', { locale: 'zh-CN', width: 360, colorScheme: 'dark' });
  await open(page, '/persons');
  await page.getByRole('link', { name: 'ada' }).waitFor();
  await isSound(page);
  await page.getByRole('link', { name: 'ada' }).click();
  const picture = page.locator('img.crop');
  await picture.waitFor();
  assert.ok((await picture.evaluate(widthOf)) > 50);
  await page.getByText('newperson').waitFor();
  await page.getByText('使用密钥').waitFor();
  await page.getByRole('link', { name: 'staff' }).waitFor();
  assert.match((await page.locator('.face-fact').first().textContent())!, /^质量\d+$/);
  await isSound(page);
  await open(page, '/persons');
  const odd = page.getByRole('row').filter({ hasText: oddId });
  await odd.getByText(hostile.markup).waitFor();
  await odd.getByText(hostile.drawing).waitFor();
  await odd.getByRole('link').click();
  await page.getByRole('heading', { name: hostile.markup }).waitFor();
  await hasCrops(page, 3);
  await page.getByRole('link', { name: '<b>group</b>' }).waitFor();
  assert.equal(await page.locator('main script, main svg, main b, main [onerror]').count(), 0);
  assert.notEqual(await page.title(), '1');
  await isSound(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await isSound(page);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('an editor changes, corrects and undoes, and is told what will be gone before it is erased', {
  skip: noBrowser,
}, async () => {
  const { page, faults } = await enter('dan', 'editor');
  const { appid } = app.key;
  const store = app.app.stores.of(appid);
  await open(page, '/persons');
  await page.getByRole('link', { name: oddId }).click();
  await page.getByLabel('Name').fill('Odd');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Odd' }).waitFor();
  assert.equal((await store.findPerson(oddId))?.name, 'Odd');
  await page.getByLabel('Join a group').fill('new group');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('The server does not accept this.').waitFor();
  await page.getByLabel('Join a group').fill('newgroup');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('button', { name: 'Leave newgroup' }).click();
  await page.getByRole('link', { name: 'newgroup' }).waitFor({ state: 'detached' });
  // Two of the three faces become another person, which is then undone.
  for (const place of [0, 1]) await page.getByLabel('Choose').nth(place).check();
  await page.getByRole('status').filter({ hasText: 'Chosen faces: 2' }).waitFor();
  await page.getByRole('button', { name: 'Make another person of them' }).click();
  await page.getByRole('dialog').getByLabel('New id').fill('other');
  await isSound(page);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'other' }).waitFor();
  await hasCrops(page, 2);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('heading', { name: 'Odd' }).waitFor();
  await hasCrops(page, 3);
  // One that is not to be merged is not, until that is taken back.
  await page.getByRole('button', { name: 'Not the same as …' }).click();
  await page.getByRole('dialog').getByLabel('Id of the other person').fill('p000');
  await page.keyboard.press('Enter');
  await page.getByRole('listitem').filter({ hasText: 'Not the same as …' }).waitFor();
  await page.getByRole('button', { name: 'Merge' }).click();
  await page.getByRole('dialog').getByLabel('Id of the other person').fill('p000');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('alert').waitFor();
  await page.keyboard.press('Escape');
  await page
    .getByRole('listitem')
    .filter({ hasText: 'Not the same as …' })
    .getByRole('button', { name: 'Undo' })
    .click();
  await page.getByText('Nothing was corrected within a day.').waitFor();
  await page.getByRole('button', { name: 'Change the id' }).click();
  await page.getByRole('dialog').getByLabel('New id').fill('plain');
  await page.keyboard.press('Enter');
  await page.locator('dd').getByText('plain', { exact: true }).waitFor();
  // What is erased is told before, and gone then.
  await page.getByLabel('Choose').nth(2).check();
  await page.getByRole('button', { name: 'Erase', exact: true }).click();
  await page.getByText('Of the faces of plain, 1 will be erased for ever').waitFor();
  await page.getByText('2 will stay').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Erase' }).click();
  await hasCrops(page, 2);
  await page.getByRole('button', { name: 'Erase this person' }).click();
  await page.getByText('plain will be erased for ever, with all faces (2)').waitFor();
  await isSound(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Erase this person' }).click();
  await page.getByText('Persons in all: 132').waitFor();
  assert.equal(await store.findPerson('plain'), undefined);
  await open(page, '/persons/plain');
  await page.getByText('There is no such person').waitFor();
  await page.getByText('register.erasePerson').waitFor();
  await page.getByText('by dan').first().waitFor();
  await open(page, '/groups');
  await page.getByRole('row').filter({ hasText: 'many' }).getByRole('button', { name: 'End' }).click();
  await page.getByText('The group many ends: all persons leave it (130). They stay registered').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
  await page.getByRole('link', { name: 'many' }).waitFor({ state: 'detached' });
  assert.notEqual(await store.findPerson('p000'), undefined);
  assert.deepEqual(faults, []);
  await page.context().close();
});
