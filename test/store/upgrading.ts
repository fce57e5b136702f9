/** Takes the packs of a register so far as tests of them begin. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { Stores } from '../../src/store/open.ts';
import type { OpenHome } from './audit/lines.ts';
import { face, registerWithFace } from './fixtures.ts';

/** Whose faces are converted. */
export const appid = '1001';
/** The model of the faces of fixtures, and that of the pack that is upgraded to. */
export const [model, next] = [face('1', 'a').model, 'sha256:next'];
/** What the other pack makes of every face. */
export const embedding = Float32Array.from({ length: 8 }, () => Math.sqrt(1 / 8));
export const further = [{ model: next, embedding }];

/** Registers two persons by the pack `first`. */
export async function begin(stores: Stores): Promise<void> {
  await stores.packs.agree('first', model);
  await registerWithFace(stores.of(appid), 'a', 'g', '1');
  await registerWithFace(stores.of(appid), 'b', 'g', '2');
}

/** As if an upgrade had been asked for long ago. */
export async function passTime(home: OpenHome): Promise<void> {
  await home.ask(`update packs set asked_at = asked_at - 60000`);
}

/** Takes an upgrade so far that faces are converted. */
export async function beginConverting(stores: Stores, home: OpenHome): Promise<void> {
  const { upgrades } = stores.packs;
  await upgrades.begin('second', false);
  await upgrades.report('server', 'second', { state: 'able', model: next });
  await passTime(home);
  await upgrades.advance('second');
  assert.equal(await upgrades.claim('server', 'second'), true);
}

/** Takes it so far that no face is stored any more without an embedding of the pack. */
export async function beginRequiring(stores: Stores, home: OpenHome): Promise<void> {
  await beginConverting(stores, home);
  await stores.packs.upgrades.require('server', 'second');
}

/** Writes an embedding of every face that has none. @returns how many were written. */
export async function convertAll(stores: Stores): Promise<number> {
  const faces = await stores.packs.conversion.facesWithout(appid, next, '', 10);
  return stores.packs.conversion.write(
    appid,
    next,
    faces.map(({ faceId, personId }) => ({ faceId, personId, embedding })),
    false,
  );
}

/** What is said of the pack that is upgraded to, and which is in use. */
export const phaseOf = async (stores: Stores) =>
  (await stores.packs.list()).find(({ name }) => name === 'second')?.upgrade?.phase;
export const isRequired = async (stores: Stores) =>
  (await stores.packs.list()).find(({ name }) => name === 'second')?.isRequired;
export const usedOf = async (stores: Stores) => (await stores.packs.find())?.name;

/** Waits until every transaction knows that the second pack is required: one of somebody else on the same server may be older for a moment. */
export async function untilSettled({ packs }: Stores): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await packs.upgrades.isSettled('second'))) {
    assert.ok(performance.now() < deadline, 'it is settled');
    await setTimeout(20);
  }
}
