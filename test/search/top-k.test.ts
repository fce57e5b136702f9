import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Found, TopK } from '../../src/search/top-k.ts';

const face: fc.Arbitrary<Found> = fc.record({
  person: fc.integer({ min: 1, max: 6 }),
  faceId: fc.bigInt(1n, 40n),
  // Few values, so that faces are tied.
  cosine: fc.constantFrom(-1, -0.5, 0, 0.25, 0.5, 1),
});
const faces = fc.uniqueArray(face, { selector: ({ faceId }) => faceId, maxLength: 30 });

/** Most similar first, and of equals the lower face id. */
function sorted(some: readonly Found[]): readonly Found[] {
  return some.toSorted((a, b) => b.cosine - a.cosine || (a.faceId < b.faceId ? -1 : 1));
}

test('the best face of each of the best persons is kept, in order, whatever comes first', () => {
  fc.assert(
    fc.property(faces, fc.integer({ min: 1, max: 7 }), (offered, count) => {
      const best = new TopK(count);
      for (const one of offered) best.offer(one);
      const all = sorted(offered);
      const expected = all.filter(({ person }, i) => all.findIndex((other) => other.person === person) === i);
      assert.deepEqual(best.found, expected.slice(0, count));
    }),
  );
});

test('the floor is the least that is kept, and lower than anything while there is room', () => {
  fc.assert(
    fc.property(faces, fc.integer({ min: 1, max: 7 }), (offered, count) => {
      const best = new TopK(count);
      for (const one of offered) {
        best.offer(one);
        const { length } = best.found;
        assert.equal(best.floor, length < count ? Number.NEGATIVE_INFINITY : best.found[length - 1]!.cosine);
      }
    }),
  );
});

test('a face that is as like as one that is kept, but of a higher id, changes nothing', () => {
  const best = new TopK(1);
  best.offer({ person: 1, faceId: 5n, cosine: 0.5 });
  best.offer({ person: 2, faceId: 6n, cosine: 0.5 });
  best.offer({ person: 1, faceId: 7n, cosine: 0.5 });
  assert.deepEqual(best.found, [{ person: 1, faceId: 5n, cosine: 0.5 }]);
  best.offer({ person: 2, faceId: 4n, cosine: 0.5 });
  assert.deepEqual(best.found, [{ person: 2, faceId: 4n, cosine: 0.5 }]);
});
