/** Callers, the log and the metrics are told where faces were searched. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Gallery, SearchPlace } from '../../src/domain/gallery.ts';
import { openContext } from '../domain/memory-context.ts';
import { imageOf, serve } from './served.ts';

test('the header x-search says where faces were searched, and only where they were', async () => {
  const context = openContext();
  let place: SearchPlace = 'memory';
  const gallery: Gallery = {
    nearest: (query) => {
      query.onSearched?.(place);
      return context.gallery.nearest(query);
    },
  };
  const told: unknown[] = [];
  await using served = serve({
    storeOf: () => context.store,
    galleryOf: () => gallery,
    onOver: ({ endpoint, searched }) => told.push([endpoint, searched]),
  });
  const image = imageOf({ cosine: 1 });
  const headerOf = async (endpoint: 'newperson' | 'identify' | 'multidentify', fields: Record<string, unknown>) => {
    const { headers, code } = await served.call(endpoint, fields);
    assert.equal(code, 0);
    return headers['x-search'];
  };
  assert.equal(await headerOf('newperson', { person_id: 'ada', group_ids: ['g'], image }), undefined);
  assert.equal(await headerOf('identify', { group_id: 'g', image }), 'memory');
  place = 'database';
  assert.equal(await headerOf('multidentify', { group_id: 'g', image }), 'database');
  assert.deepEqual(told, [
    ['newperson', undefined],
    ['identify', 'memory'],
    ['multidentify', 'database'],
  ]);
});
