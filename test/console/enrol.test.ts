/** Enrolling in the console: by files, a folder, a drop, and a camera that is played; with real networks and photographs. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { photograph, type TestApp } from '../harness.ts';
import { enterAs, isSound, noBrowser } from './browser.ts';
import { openConsole } from './open-console.ts';
import { blank, file, give, isAligned } from './picture-files.ts';

const everything = { role: 'owner', appid: null } as const;
/** What an attacker would call a file. */
const markup = '<img src=x onerror=alert(1)>\u202egpj.jpg';
let app: TestApp;
let browser: Browser;
let folder: string;
let appid: string;

openConsole(
  (opened) => {
    ({ app, browser } = opened);
    appid = app.key.appid;
  },
  async (given) => {
    folder = given;
    const camera = join(folder, 'camera.mjpeg');
    const frame = await sharp(await photograph(2))
      .resize({ width: 1280, height: 720, fit: 'contain' })
      .jpeg()
      .toBuffer();
    await writeFile(camera, Buffer.concat([frame, frame]));
    return {
      browser: [
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        `--use-file-for-fake-video-capture=${camera}`,
      ],
    };
  },
);

const visit = (page: Page, path: string) => page.goto(`${app.app.adminUrl}/#/tenants/${appid}/${path}`);

test('a person is enrolled by several pictures; one that is refused says why, and does not stop the rest', {
  skip: noBrowser,
}, async () => {
  const { page, faults, hosts } = await enterAs(browser, app, 'ada', everything);
  await page.getByRole('link', { name: 'Appids and keys' }).click();
  await page.getByRole('link', { name: appid }).click();
  await page.getByRole('link', { name: 'Enrol' }).click();
  await page.getByLabel('Id of the person').fill('lovelace');
  await page.getByRole('textbox', { name: 'Name' }).fill('Ada 洛芙莱斯');
  await page.getByLabel('Groups').fill('staff, berlin');
  const six = await photograph(6);
  await page
    .getByLabel('Choose pictures')
    .setInputFiles([
      file('blank.jpg', await blank()),
      file(markup, six),
      file('notes.png', Buffer.from('<!doctype html><script>alert(1)</script>'), 'image/png'),
      file('again.jpg', six),
      file('readme.txt', Buffer.from('no picture'), 'text/plain'),
    ]);
  await page.getByText('Pictures: 4').waitFor();
  await isSound(page);
  const rows = page.locator('ul.pictures li');
  await page.getByRole('button', { name: 'Look at them only' }).click();
  await rows.nth(3).getByText('Looked at, not added').waitFor();
  assert.equal((await app.json('getinfo', { person_id: 'lovelace' })).code, -1303, 'nobody is enrolled by looking');
  await isAligned(rows.nth(1).locator('figure'));
  assert.equal(await rows.nth(1).locator('.chosen rect').count(), 1);
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await page.getByText('4 of 4 done: 1 added, 2 refused').waitFor();
  const said = await rows.allTextContents();
  assert.match(said[0]!, /Refused.*-1101 No face was found/);
  assert.match(said[1]!, /Added · quality \d+ of 100/);
  assert.match(said[2]!, /-1400 The data is not a JPEG/);
  assert.match(said[3]!, /The person has this picture already/);
  assert.equal(await rows.locator('img[src="x"]').count(), 0, 'markup in a name is text');
  await isSound(page);
  const { data } = await app.json('getinfo', { person_id: 'lovelace' });
  assert.deepEqual([data.person_name, data.face_ids.length, data.group_ids], ['Ada 洛芙莱斯', 1, ['staff', 'berlin']]);
  await page.getByRole('button', { name: 'Remove those that are done' }).click();
  assert.equal(await rows.count(), 2);
  assert.deepEqual([faults, [...hosts]], [[], [new URL(app.app.adminUrl).host]]);
  await page.context().close();
});

test('a picture of the camera and one that is dropped enrol a person each, named as their files', {
  skip: noBrowser,
}, async () => {
  const { page, faults } = await enterAs(browser, app, 'bob', everything, { width: 360 });
  await page.context().grantPermissions(['camera']);
  await visit(page, 'enrol');
  await page.getByLabel('Each shows another person').check();
  await page.getByLabel('Groups').fill('guests');
  await page.getByRole('button', { name: 'Use the camera' }).click();
  // The page's policy forbids the way in which Playwright waits for a function.
  while (!(await page.evaluate('document.querySelector("video")?.videoWidth > 0'))) await setTimeout(50);
  await isSound(page);
  await page.getByRole('button', { name: 'Take a picture' }).click();
  await page.getByText('Pictures: 1').waitFor();
  await page.getByRole('button', { name: 'Close the camera' }).click();
  assert.equal(await page.locator('video').count(), 0);
  await give(page.locator('fieldset.drop'), 'drop', 'grace hopper.jpg', await photograph(6));
  const ids = page.locator('ul.pictures input');
  await ids.nth(1).waitFor();
  assert.equal(await ids.nth(1).inputValue(), 'grace-hopper');
  await ids.nth(0).fill('eve');
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await page.getByText('2 of 2 done: 2 added, 0 refused').waitFor();
  assert.deepEqual((await app.json('getpersonids', { group_id: 'guests' })).data.person_ids, ['eve', 'grace-hopper']);
  await isSound(page);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('an enrolment waits for room, stops where the server is gone, and goes on from there', {
  skip: noBrowser,
}, async () => {
  const { page, faults } = await enterAs(browser, app, 'gus', everything);
  await visit(page, 'enrol');
  await page.getByLabel('Each shows another person').check();
  await page.getByLabel('Groups').fill('waited');
  const pictures = await Promise.all(([2, 6] as const).map(photograph));
  await page.getByLabel('Choose pictures').setInputFiles(pictures.map((bytes, i) => file(`w${i}.jpg`, bytes)));
  let sent = 0;
  await page.route('**/api/enrol.person', async (route) => {
    sent += 1;
    if (sent === 1) await route.fulfill({ status: 429, json: { error: { code: 'slowDown', message: 'memory' } } });
    else if (sent === 3) await route.abort();
    else await route.continue();
  });
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await page.getByText('The server did not answer.').waitFor();
  await page.getByText('2 of 2 done: 1 added, 1 refused').waitFor();
  assert.deepEqual((await app.json('getpersonids', { group_id: 'waited' })).data.person_ids, ['w0']);
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await page.getByText('2 of 2 done: 2 added, 0 refused').waitFor();
  assert.deepEqual((await app.json('getpersonids', { group_id: 'waited' })).data.person_ids, ['w0', 'w1']);
  assert.equal(sent, 4);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('the pictures of a folder are taken, and nothing else that lies in it', { skip: noBrowser }, async () => {
  const pictures = join(folder, 'people', 'more');
  await mkdir(pictures, { recursive: true });
  await writeFile(join(folder, 'people', 'hopper.jpg'), await photograph(6));
  await writeFile(join(pictures, 'blank.jpg'), await blank());
  await writeFile(join(pictures, 'readme.txt'), 'no picture');
  const { page, faults } = await enterAs(browser, app, 'hal', everything);
  await visit(page, 'enrol');
  await page.getByLabel('Each shows another person').check();
  await page.getByLabel('Groups').fill('folder');
  await page.getByLabel('Choose a folder').setInputFiles(join(folder, 'people'));
  await page.getByText('Pictures: 2').waitFor();
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await page.getByText('2 of 2 done: 1 added, 1 refused').waitFor();
  assert.deepEqual((await app.json('getpersonids', { group_id: 'folder' })).data.person_ids, ['hopper']);
  assert.deepEqual(faults, []);
  await page.context().close();
});
