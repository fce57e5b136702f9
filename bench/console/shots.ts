/**
 * Makes the screenshots of docs/console.md and docs/zh/console.md: `node bench/console/shots.ts [names]`. The console and the server are real; the faces are drawn,
 * and what is said of them is made up, since no photograph of anybody may be in the repository. It takes Chromium, and about a minute.
 */
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { enterAs, noBrowser, openBrowser } from '../../test/console/browser.ts';
import { buildConsole } from '../../test/console/build.ts';
import { formOf, root, sendTo, signFor, startApp } from '../../test/harness.ts';
import { Random } from '../../test/random.ts';
import { DrawnAnalyzer } from './drawn-analyzer.ts';

/** One screenshot. */
interface Shot {
  readonly name: string;
  /** Of the page, after the appid where it is about one. */
  readonly path: (appid: string) => string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Waits until the page shows what it is about. */
  readonly show: (page: Page) => Promise<unknown>;
}

/** A page of an appid. */
const tenant = (rest: string) => (appid: string) => `/tenants/${appid}${rest}`;
const newTenant = '2000000002';

const shots: readonly Shot[] = [
  {
    name: 'start',
    path: () => `/tenants/${newTenant}/start`,
    ...{ width: 1280, height: 900 },
    show: (page) => page.locator('pre').waitFor(),
  },
  {
    name: 'live',
    path: () => '/live',
    ...{ width: 1280, height: 1000 },
    show: (page) => page.locator('path').nth(4).waitFor(),
  },
  {
    name: 'persons',
    path: tenant('/persons'),
    ...{ width: 1280, height: 900, colorScheme: 'dark' },
    show: (page) => page.locator('img.crop').nth(8).waitFor(),
  },
  {
    name: 'recognise',
    path: tenant('/recognise'),
    ...{ width: 1280, height: 1100 },
    show: async (page) => {
      const buffer = await drawn.picture([2, 5, 8], 3);
      await page
        .locator('input[type=file]')
        .first()
        .setInputFiles({ name: 'lobby.jpg', mimeType: 'image/jpeg', buffer });
      await page.getByText('Chen Wei').first().waitFor();
      await page.locator('img.crop').nth(2).waitFor();
    },
  },
  {
    name: 'review',
    path: tenant('/review'),
    ...{ width: 1280, height: 900 },
    show: async (page) => {
      // The first of the page, whatever the language.
      await page.locator('article > button').first().click();
      await page.locator('.pair img').nth(1).waitFor();
    },
  },
  {
    name: 'overview',
    path: () => '/',
    ...{ width: 390, height: 844, colorScheme: 'dark' },
    show: (page) => page.locator('svg rect').first().waitFor(),
  },
];

const names = [
  'Ada',
  'Ben',
  'Chen Wei',
  'Dina',
  'Emil',
  'Fang',
  'Greta',
  'Hao',
  'Ines',
  'Jun',
  'Kofi',
  'Lena',
  'Mei',
  'Noor',
  'Olga',
  'Pia',
];
const day = 24 * 60 * 60 * 1_000;
const slot = 5_000;

if (noBrowser !== false) throw new Error(noBrowser);
buildConsole();
const target = join(root, 'docs/console');
/** The languages, each with the folder of its screenshots. */
const languages = [
  ['en-GB', '.'],
  ['zh-CN', 'zh'],
] as const;
await mkdir(join(target, 'zh'), { recursive: true });
const drawn = new DrawnAnalyzer();
// The server's clock: days and minutes of calls go by in seconds.
const clock = { ms: Date.now() - 29 * day };
await using app = await startApp({}, { openAnalyzer: async () => drawn.open(), now: () => clock.ms });
await using browser = await openBrowser();
const { appid } = app.key;

/** Calls an endpoint at the server's time. */
async function call(endpoint: string, fields: Parameters<typeof formOf>[0]): Promise<void> {
  const authorization = signFor(app.key, Math.floor(clock.ms / 1_000));
  await sendTo(`${app.app.url}/face/${endpoint}`, {
    method: 'POST',
    headers: { authorization },
    body: formOf({ appid, ...fields }),
  });
}

await app.app.stores.tenants.set(appid, { note: 'Office', limits: { persons: 500 } });
await app.app.stores.tenants.add(newTenant, { note: 'New shop' });
await app.app.stores.keys.addKey({ ...app.key, appid: newTenant, secretId: `${app.key.secretId}N` }, []);
for (const [person, name] of names.entries()) {
  const id = name.toLowerCase().replaceAll(' ', '-');
  const group = person % 3 === 0 ? 'visitors' : 'staff';
  const fields = { person_id: id, person_name: name, 'group_ids[0]': group };
  await call('newperson', { ...fields, image: await drawn.picture([person], 0) });
  for (let take = 1; take <= person % 3; take++)
    await call('addface', { person_id: id, 'images[0]': await drawn.picture([person], take) });
}
// Somebody was registered twice.
await call('newperson', {
  person_id: 'ada-l',
  person_name: 'Ada L.',
  'group_ids[0]': 'visitors',
  image: await drawn.picture([0], 7),
});

const random = new Random(1);
const lobby = await drawn.picture([2, 5, 8], 3);
const calls = async (count: number): Promise<void> => {
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      if (random.oneIn(12)) await call('getinfo', { person_id: 'nobody' });
      else if (i % 3 === 0) await call('identify', { group_id: 'staff', image: lobby });
      else await call('getinfo', { person_id: 'ada' });
    }),
  );
};
for (const end = Date.now() - 600_000; clock.ms < end; clock.ms = Math.min(end, clock.ms + day))
  await calls(8 + random.below(20));
for (let i = 0; i < 120; i++) {
  await calls(6 + Math.round(5 * Math.sin(i / 9)) + random.below(4));
  clock.ms += slot;
}

const wanted = process.argv.slice(2);
const chosen = shots.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
for (const [shot, locale, folder] of chosen.flatMap((shot) =>
  languages.map((language) => [shot, ...language] as const),
)) {
  const { name, path, width, height, colorScheme = 'light', show } = shot;
  const grant = { role: 'owner', appid: null } as const;
  const { page, faults } = await enterAs(browser, app, 'ada', grant, { width, colorScheme, locale });
  await page.setViewportSize({ width, height });
  await page.goto(`${app.app.adminUrl}/#${path(appid)}`);
  await show(page);
  await page.waitForLoadState('networkidle');
  if (faults.length > 0) throw new Error(`${name}: ${faults.join('; ')}`);
  const { data } = await sharp(await page.screenshot())
    .webp({ quality: 80 })
    .toBuffer({ resolveWithObject: true });
  const file = join(target, folder, `${name}.webp`);
  await sharp(data).toFile(file);
  console.log(`${relative(root, file)}: ${Math.round(data.length / 1_000)} kB`);
  await page.context().close();
}
