/** What threads share: columns, lists and the numbers of what stands in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layOut } from '../../src/search/layout.ts';
import { People } from '../../src/search/people.ts';
import { Rows } from '../../src/search/rows.ts';
import { IdAllocator, type Int32, type Int64, SharedColumn, viewOf } from '../../src/search/shared-column.ts';
import { SharedList } from '../../src/search/shared-list.ts';

/** How many elements a column grows by. */
const step = 65_536;

test('a column grows where it lies, so that a thread sees in its buffer what was written before and after', () => {
  const column = new SharedColumn<Int64>(BigInt64Array, 3 * step);
  assert.equal(column.view.length, 0);
  column.hold(1);
  assert.equal(column.view.length, step);
  const { buffer, view } = column;
  view[step - 1] = 7n;
  column.hold(step);
  assert.equal(column.view, view, 'as many as there are need no growth');
  column.hold(step + 1);
  assert.equal(column.buffer, buffer);
  assert.equal(column.view.length, 2 * step);
  column.view[step] = 8n;
  assert.deepEqual([...viewOf<Int64>(BigInt64Array, buffer).subarray(step - 1, step + 2)], [7n, 8n, 0n]);
});

test('a column does not grow beyond what was reserved for it', () => {
  const column = new SharedColumn<Int32>(Int32Array, step + 1);
  column.hold(2 * step);
  assert.equal(column.elementsMax, step + 1);
  assert.throws(() => column.hold(2 * step + 1), RangeError);
  assert.equal(column.view.length, 2 * step);
});

test('a view of a buffer leaves out bytes that make no whole element', () => {
  assert.equal(viewOf<Int64>(BigInt64Array, new SharedArrayBuffer(31)).length, 3);
});

test('a list and an array agree after any pushes and pops, in the buffer that threads are handed, too', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer()), { maxLength: 60 }), (steps) => {
      const [list, array] = [new SharedList(), [] as number[]];
      for (const number of steps) {
        if (number !== null) {
          list.push(number);
          array.push(number);
        } else if (array.length > 0) {
          assert.equal(list.pop(), array.pop());
        }
        assert.equal(list.length, array.length);
        assert.deepEqual([...new Int32Array(list.buffer).subarray(0, list.length)], array);
        if (array.length > 0) assert.equal(list.last, array.at(-1));
      }
    }),
  );
});

test('a list that grows leaves the buffer as it is that threads were handed before', () => {
  const list = new SharedList();
  list.push(1);
  list.push(2);
  const { buffer } = list;
  list.push(3);
  assert.notEqual(list.buffer, buffer);
  assert.deepEqual([...new Int32Array(buffer)], [1, 2]);
});

test('numbers are handed out from 1 on, those given back first, and counted', () => {
  const ids = new IdAllocator(5);
  assert.deepEqual([ids.take(), ids.take(), ids.take()], [1, 2, 3]);
  assert.deepEqual([ids.inUse, ids.left, ids.last], [3, 2, 3]);
  ids.giveBack(2);
  assert.deepEqual([ids.inUse, ids.left, ids.last], [2, 3, 3]);
  assert.deepEqual([ids.take(), ids.take()], [2, 4]);
  assert.deepEqual([ids.inUse, ids.left, ids.last], [4, 1, 4]);
});

test('the memory of each thread ends before that of the next, and before the rows', () => {
  for (const [dimension, threads, scratchBytes] of [
    [1, 1, 16],
    [128, 2, 4096],
    [512, 7, 5000],
  ] as const) {
    const { rowsAt, stride } = layOut(dimension, threads, scratchBytes);
    assert.ok(rowsAt >= threads * scratchBytes && rowsAt < threads * scratchBytes + 2 * 4096);
    assert.equal(rowsAt % 4096, 2112);
    assert.ok(stride >= dimension && stride < dimension + 16 && stride % 16 === 0);
  }
});

test('the bytes of an index are those of all that threads share', () => {
  const people = new People(new Rows(layOut(8, 1, 1024)));
  const empty = people.bytes;
  const group = people.addGroup('a');
  const host = people.addGroup('b');
  assert.equal(people.bytes - empty, 2 * 2 * 2 * 4, 'two lists for each group');
  const person = people.addPerson('p', group);
  const perPerson = 4 * step * 4;
  assert.equal(people.bytes - empty, 32 + perPerson);
  people.addSecondary(person, host);
  const perSecondary = 3 * step * 4;
  assert.equal(people.bytes - empty, 32 + perPerson + perSecondary);
  const { rows } = people;
  const before = rows.bytes;
  people.addFace(person, 1n, new Float32Array(8));
  assert.equal(people.bytes - empty, 32 + perPerson + perSecondary + 2 * step * 4 + rows.bytes - before);
  const columns = [rows.lower, rows.faceIds, rows.owners];
  const sum = columns.reduce((bytes, { buffer }) => bytes + buffer.byteLength, rows.memory.buffer.byteLength);
  assert.equal(rows.bytes, sum);
});
