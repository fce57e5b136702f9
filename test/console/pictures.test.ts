/** The pages that take pictures: enrolling, recognising, comparing; with real networks, photographs and a camera that is played. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { photograph, startApp, type TestApp } from '../harness.ts';
import { enterAs, isSound, noBrowser, openBrowser } from './browser.ts';
import { buildConsole } from './build.ts';

const everything = { role: 'owner', appid: null } as const;
/** What an attacker would call a file. */
const markup = '<img src=x onerror=alert(1)>\u202egpj.jpg';
let app: TestApp;
let browser: Browser;
let folder: string;
let appid: string;

before(async () => {
  if (noBrowser !== false) return;
  buildConsole();
  folder = await mkdtemp(join(tmpdir(), 'familiar-pictures-'));
  const camera = join(folder, 'camera.mjpeg');
  const frame = await sharp(await photograph(2))
    .resize({ width: 1280, height: 720, fit: 'contain' })
    .jpeg()
    .toBuffer();
  await writeFile(camera, Buffer.concat([frame, frame]));
  app = await startApp();
  appid = app.key.appid;
  browser = await openBrowser([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${camera}`,
  ]);
});

after(async () => {
  await browser?.close();
  await app?.[Symbol.asyncDispose]();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

/** A file, as a browser is given one. */
const file = (name: string, buffer: Buffer, mimeType = 'image/jpeg') => ({ name, mimeType, buffer });
const blank = () =>
  sharp({ create: { width: 320, height: 200, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer();
const visit = (page: Page, path: string) => page.goto(`${app.app.adminUrl}/#/tenants/${appid}/${path}`);

/** Drops or pastes a file, as a person does with the mouse or the keyboard. */
async function give(target: Locator, event: 'drop' | 'paste', name: string, bytes: Buffer): Promise<void> {
  await target.evaluate(
    (element, { event, name, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name, { type: 'image/jpeg' }));
      const init = { bubbles: true, cancelable: true };
      element.dispatchEvent(
        event === 'drop'
          ? new DragEvent('drop', { ...init, dataTransfer: data })
          : new ClipboardEvent('paste', { ...init, clipboardData: data }),
      );
    },
    { event, name, base64: bytes.toString('base64') },
  );
}

/** The drawing lies on its picture, and has the picture's own pixels: what is drawn is where the face is. */
async function isAligned(figure: Locator): Promise<void> {
  const [image, drawing] = [figure.locator('img'), figure.locator('svg')];
  const [a, b] = [await image.boundingBox(), await drawing.boundingBox()];
  for (const side of ['x', 'y', 'width', 'height'] as const) assert.ok(Math.abs(a![side] - b![side]) < 1, side);
  const natural = await image.evaluate((element) => {
    const { naturalWidth, naturalHeight } = element as HTMLImageElement;
    return `0 0 ${naturalWidth} ${naturalHeight}`;
  });
  assert.equal(await drawing.getAttribute('viewBox'), natural);
}

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
  assert.match(said[1]!, /Added · Quality, 0 to 100: \d+/);
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
  await page.getByText('The server cannot be reached.').waitFor();
  await page.getByText('2 of 2 done: 1 added, 1 refused').waitFor();
  assert.deepEqual((await app.json('getpersonids', { group_id: 'waited' })).data.person_ids, ['w0']);
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await page.getByText('2 of 2 done: 2 added, 0 refused').waitFor();
  assert.deepEqual((await app.json('getpersonids', { group_id: 'waited' })).data.person_ids, ['w0', 'w1']);
  assert.equal(sent, 4);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('a picture shows each face with whom it resembles, and what the score means here; by keyboard', {
  skip: noBrowser,
}, async () => {
  await app.form('newperson', { person_id: 'mary', group_ids: ['found'], image: await photograph(6) });
  const { page, faults } = await enterAs(browser, app, 'carl', { role: 'reader', appid });
  await visit(page, 'recognise');
  assert.equal(await page.getByRole('link', { name: 'Enrol' }).count(), 0, 'a reader enrols nobody');
  await page.getByLabel('Groups to search').fill('found');
  const turned = await sharp(await photograph(6))
    .rotate(90)
    .withMetadata({ orientation: 8 })
    .flop()
    .jpeg()
    .toBuffer();
  await page.getByLabel('Choose a picture').setInputFiles(file('turned.jpg', turned));
  await page.getByRole('heading', { name: 'Face 1' }).waitFor();
  await page.getByText('About 1 persons with').waitFor();
  await isAligned(page.locator('figure.seen'));
  const boxes = await page.locator('figure.seen rect').count();
  assert.equal(await page.getByRole('article').count(), boxes);
  assert.equal(await page.locator('.chosen rect').count(), 1);
  const best = page.getByRole('listitem').filter({ hasText: 'mary' });
  const crop = best.first().locator('img');
  await crop.scrollIntoViewIfNeeded();
  while (!(await crop.evaluate((image) => (image as HTMLImageElement).naturalWidth > 0))) await setTimeout(50);
  const scores = (await best.allTextContents()).join('\n');
  assert.match(
    scores,
    /mary.*Score: \d+(\.\d+)?(One stranger in [\d,]+|Fewer than one stranger in [\d,]+) reaches this/,
  );
  await isSound(page);
  await page.getByLabel('Show attributes').focus();
  await page.keyboard.press('Space');
  await page.getByText('Pitch, yaw, roll').first().waitFor();
  await page.getByLabel('Show contours').focus();
  await page.keyboard.press('Space');
  assert.equal(await page.locator('polyline.contour').count(), boxes * 8);
  await isSound(page);
  await page.getByLabel('Groups to search').fill('nobody');
  await page.keyboard.press('Enter');
  await page.getByText('There is no such group.').waitFor();
  await page.locator('figure.seen rect').first().waitFor();
  await give(page.locator('body'), 'paste', 'blank.jpg', await blank());
  await page.getByText('No face was found in the picture.').waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('two pictures are compared side by side, and a picture is verified against a person', {
  skip: noBrowser,
}, async () => {
  await app.form('newperson', { person_id: 'joan', group_ids: ['compared'], image: await photograph(6) });
  const { page, faults } = await enterAs(browser, app, 'dan', everything);
  await visit(page, 'compare');
  const six = await photograph(6);
  await give(page.locator('body'), 'paste', 'first.jpg', six);
  await page.getByRole('img', { name: 'first.jpg' }).waitFor();
  await give(page.locator('body'), 'paste', 'second.jpg', await photograph(2));
  await page.getByText(/Score: \d/).waitFor();
  await page.getByText('it says nothing').waitFor();
  for (const name of ['first', 'second']) {
    await isAligned(page.locator('figure.seen').filter({ has: page.getByRole('img', { name: `${name}.jpg` }) }));
  }
  await isSound(page);
  await page.getByLabel('Choose a picture').nth(1).setInputFiles(file('same.jpg', six));
  await page.getByText('Both are of one photograph.').waitFor();
  await page.getByLabel('Id of the person').fill('joan');
  await page.getByLabel('Choose a picture').nth(2).setInputFiles(file('joan.jpg', six));
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText('The face API says that it is the person.').waitFor();
  await page.getByLabel('Id of the person').fill('nobody');
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText('There is no such person.').waitFor();
  await isSound(page);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('a threshold is found for a gallery and a rate, as the page on thresholds computes it', {
  skip: noBrowser,
}, async () => {
  const { page, faults } = await enterAs(browser, app, 'eva', everything);
  await visit(page, 'threshold');
  const fact = (name: string) => page.locator('dl div').filter({ hasText: name }).locator('dd');
  await page.getByLabel('Faces that are searched').fill('200');
  await page.getByLabel('One stranger in').fill('100');
  assert.equal(await fact('Use this threshold').textContent(), '83');
  assert.match((await fact('False alarms').textContent())!, /one stranger in 100 · one in 5 days/);
  assert.equal(await fact('missed').textContent(), '6.1 %');
  await page.getByText('As a table').click();
  await isSound(page);
  await page.getByLabel('Faces that are searched').fill('1000000');
  await page.getByText('No threshold is enough for this.').waitFor();
  await page.getByLabel('Faces that are searched').fill('');
  assert.equal(await fact('Use this threshold').textContent(), '60');
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('these pages are whole in Chinese, on a narrow dark screen and on a wide light one', {
  skip: noBrowser,
}, async () => {
  const options = { locale: 'zh-CN', width: 360, colorScheme: 'dark' } as const;
  const { page, faults } = await enterAs(browser, app, 'fay', everything, options);
  const six = await photograph(6);
  const look = async () => {
    await visit(page, 'enrol');
    await page.getByLabel('选择图片').setInputFiles(file('a.jpg', six));
    await page.getByRole('button', { name: '仅检查' }).click();
    await page.getByText('已检查，未添加').waitFor();
    await isSound(page);
    await visit(page, 'recognise');
    await page.getByLabel('选择图片').setInputFiles(file('a.jpg', six));
    await page.getByRole('heading', { name: '人脸 1' }).waitFor();
    await page.getByLabel('显示属性').check();
    await page.getByText('表情').first().waitFor();
    await isSound(page);
    await visit(page, 'compare');
    for (const i of [0, 1])
      await page
        .getByLabel('选择图片')
        .nth(i)
        .setInputFiles(file(`${i}.jpg`, six));
    await page.getByText('两者出自同一张照片。').waitFor();
    await isSound(page);
    await visit(page, 'threshold');
    await page.getByText('建议阈值').waitFor();
    await isSound(page);
  };
  await look();
  await page.getByLabel('配色').selectOption('light');
  await page.setViewportSize({ width: 1440, height: 900 });
  await look();
  assert.deepEqual(faults, []);
  await page.context().close();
});
