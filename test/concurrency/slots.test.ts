import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Slots } from '../../src/concurrency/slots.ts';

test('what was put into a slot is there until it is taken, whatever comes and goes beside it', () => {
  const step = fc.record({ puts: fc.boolean(), which: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const slots = new Slots<string>();
      const kept: [slot: number, value: string][] = [];
      for (const [i, { puts, which }] of steps.entries()) {
        if (puts || kept.length === 0) kept.push([slots.put(`${i}`), `${i}`]);
        else {
          const [[slot, value]] = kept.splice(which % kept.length, 1) as [[number, string]];
          assert.equal(slots.take(slot), value);
          assert.equal(slots.take(slot), undefined, 'once');
        }
        assert.deepEqual(slots.list().toSorted(), kept.map(([, value]) => value).toSorted());
      }
    }),
  );
});

test('slots are used again, so that there are never more than were used at once', () => {
  const slots = new Slots<number>();
  for (let i = 0; i < 1_000; i += 1) {
    const [a, b] = [slots.put(1), slots.put(2)];
    assert.ok(a < 2 && b < 2);
    for (const slot of [a, b]) slots.take(slot);
  }
});
