/** Recognising, comparing and choosing a threshold in the console, with real networks and photographs. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { photograph, type TestApp } from '../harness.ts';
import { enterAs, isSound, noBrowser } from './browser.ts';
import { openConsole } from './open-console.ts';
import { blank, file, give, isAligned } from './picture-files.ts';

const everything = { role: 'owner', appid: null } as const;
let app: TestApp;
let browser: Browser;
let appid: string;

openConsole((opened) => {
  ({ app, browser } = opened);
  appid = app.key.appid;
});

const visit = (page: Page, path: string) => page.goto(`${app.app.adminUrl}/#/tenants/${appid}/${path}`);

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
  await page.getByText('Persons searched: about 1.').waitFor();
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
