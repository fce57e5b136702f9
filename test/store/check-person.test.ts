/** What stands for a person in a check. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookAt } from '../../src/store/check/person.ts';

const cosines = { double: 0.6, stray: 0.2, suspect: 0.2, copy: 0.99 };

function lengthOf(...faces: readonly (readonly number[])[]): number {
  const person = { id: 'p', faceIds: faces.map((_, i) => String(i)), rows: Float32Array.from(faces.flat()) };
  return Math.hypot(...lookAt(person, 2, cosines).exemplars[0]!.vector);
}

test('a mean is the shorter the less its faces are alike, since it is nearer to strangers than each of them; a face is as it is', () => {
  assert.ok(Math.abs(lengthOf([0.6, 0.8]) - 1) < 1e-6);
  const [alike, unlike] = [lengthOf([1, 0], [0.8, 0.6]), lengthOf([1, 0], [0.6, 0.8])];
  // The mean of two faces with a cosine of c has the length √((1 + c) / 2).
  assert.ok(Math.abs(alike - Math.sqrt(0.9) ** 0.2) < 1e-6, String(alike));
  assert.ok(Math.abs(unlike - Math.sqrt(0.8) ** 0.2) < 1e-6, String(unlike));
});
