import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createBudget } from '../../src/concurrency/budget.ts';

test('one party gets half, two get a third each, and a newcomer always finds something', () => {
  const budget = createBudget(900);
  const takeAll = (party: string): number => {
    const lease = budget.lease(party);
    while (lease.take(1));
    return lease.amount;
  };
  assert.equal(takeAll('a'), 450);
  assert.equal(takeAll('b'), 225);
  assert.equal(takeAll('c'), 112);
  assert.equal(budget.used, 450 + 225 + 112);
});

test('a party that holds nothing may take whatever is free, and no more', () => {
  const budget = createBudget(100);
  const [all, more] = [budget.lease('a'), budget.lease('a')];
  assert.equal(all.take(101), false);
  assert.equal(all.take(100), true);
  assert.equal(more.take(1), false);
  assert.equal(budget.lease('b').take(1), false);
  all[Symbol.dispose]();
  assert.equal(more.take(1), true);
});

test('what must be counted is, beyond the budget too, and nothing is free until it is given back', () => {
  const budget = createBudget(10);
  const lease = budget.lease('a');
  lease.add(15);
  assert.equal(budget.used, 15);
  assert.equal(budget.lease('b').take(1), false);
  lease.give(6);
  assert.equal(budget.lease('b').take(1), true);
  assert.equal(budget.lease('b').take(1), false);
});

test('what is taken on a lease that has ended is not counted, for nobody would give it back', () => {
  const budget = createBudget(10);
  const lease = budget.lease('a');
  lease[Symbol.dispose]();
  assert.equal(lease.take(1), false);
  lease.add(1);
  assert.deepEqual([lease.amount, budget.used], [0, 0]);
});

test('after any taking and giving back, nothing is held, and no party ever took what was left for others', () => {
  const step = fc.record({ lease: fc.nat(5), amount: fc.nat(40), kind: fc.constantFrom('take', 'add', 'give', 'end') });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const budget = createBudget(100);
      const parties = ['a', 'b', 'c', 'a', 'b', 'c'];
      const leases = parties.map((party) => budget.lease(party));
      const heldBy = (party: string) =>
        leases.reduce((sum, { amount }, i) => sum + (parties[i] === party ? amount : 0), 0);
      for (const { lease, amount, kind } of steps) {
        const [one, party] = [leases[lease]!, parties[lease]!];
        const [before, others] = [one.amount, heldBy(party) - one.amount];
        if (kind === 'take' && one.take(amount) && before + others > 0 && amount > 0) {
          assert.ok(heldBy(party) <= 100 - budget.used);
        }
        if (kind === 'add') one.add(amount);
        if (kind === 'give') one.give(amount);
        if (kind === 'end') one[Symbol.dispose]();
        assert.ok(one.amount >= 0);
        assert.equal(
          budget.used,
          leases.reduce((sum, { amount }) => sum + amount, 0),
        );
      }
      for (const lease of [...leases, ...leases]) lease[Symbol.dispose]();
      assert.equal(budget.used, 0);
    }),
  );
});
