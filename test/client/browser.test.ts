import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import { type Browser, chromium, type Page, type Route } from 'playwright-core';
import { photograph, root, startApp } from '../harness.ts';

/** Names under which browsers of this family are installed. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const found = names
  .map((name) =>
    spawnSync('sh', ['-c', `command -v ${name} || ls /usr/bin/${name}`], { encoding: 'utf8' }).stdout?.trim(),
  )
  .find((path) => path);

test('the client works in a browser, signing with its WebCrypto', async (context) => {
  if (found === undefined) {
    context.skip(`this machine has none of ${names.join(', ')}`);
    return;
  }
  await using app = await startApp();
  const browser = await chromium.launch({ executablePath: found, args: ['--no-sandbox'] });
  try {
    const page = await openPage(browser, app.app.url);
    const { appid, secretId, secretKey } = app.key;
    const seen = await page.evaluate(callFromPage, { url: app.app.url, appid, secretId, secretKey });
    assert.deepEqual(seen, { groups: ['a', 'b'], name: '名字', faces: 1, refused: -1303 });
  } finally {
    await browser.close();
  }
});

/** A page of the server's own origin, at which the client's files are served besides. */
async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.route(`${url}/client/*`, (route: Route) => {
    const file = join(root, 'src', new URL(route.request().url()).pathname);
    return route.fulfill({ contentType: 'text/javascript', body: stripTypeScriptTypes(readFileSync(file, 'utf8')) });
  });
  const jpeg = await photograph(1);
  await page.route(`${url}/ada.jpg`, (route: Route) => route.fulfill({ contentType: 'image/jpeg', body: jpeg }));
  await page.route(`${url}/page`, (route: Route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
  );
  await page.goto(`${url}/page`);
  return page;
}

/** Runs in the page. */
async function callFromPage(options: { url: string; appid: string; secretId: string; secretKey: string }) {
  const path = '/client/client.ts';
  const { createClient, RefusalError } = (await import(path)) as typeof import('familiar/client');
  const familiar = createClient(options);
  const picture = await (await fetch('/ada.jpg')).blob();
  const { group_ids } = await familiar.newperson({
    person_id: 'p',
    group_ids: ['a', 'b'],
    person_name: '名字',
    picture,
  });
  const { person_name, face_ids } = await familiar.getinfo({ person_id: 'p' });
  const refused = await familiar
    .getinfo({ person_id: 'nobody' })
    .catch((error) => error instanceof RefusalError && error.code);
  return { groups: group_ids, name: person_name, faces: face_ids.length, refused };
}
