/** Measures the pages of the console in Chromium. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../test/console/browser.ts';
import { groupOf, personIdOf } from './fill.ts';
import { someone, type Timed } from './operations.ts';
import type { Operator, Register } from './subject.ts';

/** How often each page is visited. */
export const visits = 5;

/** The pages, with what is there once each is whole. */
const visitedOf = (register: Register): readonly (readonly [title: string, path: string, shown: string])[] => {
  const tenant = `/tenants/${register.key.appid}`;
  const within = (words: Record<string, string>) =>
    `${tenant}/persons/page/${encodeURIComponent(encodeURIComponent(new URLSearchParams(words).toString()))}`;
  const middle = personIdOf(someone(register, 100));
  return [
    ['overview', '/', '.facts dd'],
    ['appids', '/tenants', 'tbody th'],
    ['an appid', tenant, '.facts dd'],
    ['groups', `${tenant}/groups`, 'tbody th'],
    ['persons', `${tenant}/persons`, 'tbody th'],
    ['persons, in the middle', within({ at: middle }), 'tbody th'],
    ['persons by name', within({ by: 'name', prefix: '李' }), 'tbody th'],
    ['members of a group', within({ group: groupOf(someone(register, 100)) }), 'tbody th'],
    ['a person', `${tenant}/persons/${middle}`, '.history-line'],
    ['usage', '/usage', 'table'],
    ['audit', '/audit', 'tbody td'],
    ['operators', '/operators', 'tbody th'],
  ];
};

/** A page that was visited. */
export interface Visited extends Timed {
  /** Answers that the page asked for, its own files left out; and their bytes. */
  readonly answers: number;
  readonly bytes: number;
}

/** Visits each page. */
export async function measurePages(
  register: Register,
  adminUrl: string,
  { cookie }: Operator,
): Promise<readonly Visited[]> {
  await using stack = new AsyncDisposableStack();
  const browser = stack.adopt(await openBrowser(), (one) => one.close());
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  const [name, value] = cookie.split('=', 2);
  await context.addCookies([{ name: name!, value: value!, url: adminUrl, sameSite: 'Strict', httpOnly: true }]);
  const results: Visited[] = [];
  for (const [title, path, shown] of visitedOf(register)) {
    const ms: number[] = [];
    let [answers, bytes] = [0, 0];
    for (let i = 0; i < visits; i += 1) {
      const page = await context.newPage();
      const read: Promise<void>[] = [];
      [answers, bytes] = [0, 0];
      page.on('response', (response) => {
        if (!response.url().includes('/api/')) return;
        answers += 1;
        read.push(
          response.body().then(
            (body) => {
              bytes += body.byteLength;
            },
            () => {},
          ),
        );
      });
      const begun = performance.now();
      await page.goto(`${adminUrl}/#${path}`);
      await page
        .locator(shown)
        .first()
        .waitFor()
        .catch((cause) => Promise.reject(new Error(`the page ${path} shows no ${shown}`, { cause })));
      await isWhole(page);
      ms.push(performance.now() - begun);
      await Promise.all(read);
      await page.close();
    }
    results.push({ title, ms, answers, bytes });
  }
  return results;
}

/** Waits until nothing is loading: neither an answer nor a picture that is in view. */
async function isWhole(page: Page): Promise<void> {
  for (;;) {
    const isDone = await page.evaluate(`
      document.querySelector('[aria-busy=true]') === null &&
      [...document.images].every((image) => image.complete || image.getBoundingClientRect().top > innerHeight)`);
    if (isDone) return;
    await wait(2);
  }
}
