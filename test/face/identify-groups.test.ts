import assert from 'node:assert/strict';
import test from 'node:test';
import type { Gallery } from '../../src/domain/gallery.ts';
import { identify } from '../../src/domain/recognition.ts';
import { isRefused, openContext, picture, registered, unasked } from '../domain/memory-context.ts';
import { sqliteHome } from '../store/sqlite-home.ts';

test('identify looks where the last of 1,001 named groups is, though the thousand before it have ended', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const found = [{ personId: 'ada', faceId: 'face-1' }];
  const gallery: Gallery = { nearest: async ({ probes }) => probes.map(() => found) };
  const context = openContext({ store: stores.of('1'), gallery });
  await registered(context, 'ada', ['kept'], { cosine: 1 });
  const gone = Array.from({ length: 1_001 }, (_, i) => `gone-${i}`);
  for (const place of [0, 999, 1_000]) {
    const named = gone.with(place, 'kept');
    const [face] = await identify(context, picture([{ cosine: 1 }]), named, 'largest');
    assert.deepEqual(
      face?.candidates.map(({ personId }) => personId),
      ['ada'],
      `at ${place}`,
    );
  }
  await isRefused(identify(context, unasked, gone, 'largest'), 'groupUnknown');
});
