/** What is guaranteed of the chains: that they cannot be changed unnoticed, and may be pruned. */
import assert from 'node:assert/strict';
import { brokenOf, type Guarantee, linesOf, verified, write } from './lines.ts';

/** `copy` puts a line under the appid `1`, too. */
function statementOf(what: string, where: string): string {
  if (what === 'delete') return `delete from audit where ${where}`;
  if (what !== 'copy') return `update audit ${what} ${where}`;
  const rest = 'chain, sequence, at, kind, actor, action, ids, detail, code, request_id, hash';
  return `insert into audit (appid, ${rest}) select '1', ${rest} from audit where ${where}`;
}

/** Declares the tests. */
export function tamperingTests(guarantee: Guarantee): void {
  const broken = (appid: string, sequence: number, reason: string) => [`${appid} ${sequence}: ${reason}`];
  const changed = 'it was changed, or the one before it';
  const gone = 'lines before it are gone';
  const set = (what: string, sequence: number) => [`set ${what} where`, sequence] as const;
  /** What is done to a chain of six lines, which line is found broken, and why. */
  const tamperings: readonly [changes: readonly (readonly [string, number])[], sequence: number, reason: string][] = [
    [[set(`actor = 'somebody'`, 4)], 4, changed],
    [[set('at = at + 1', 1)], 1, changed],
    [[set(`ids = '{}'`, 6)], 6, changed],
    [[set('code = null', 2)], 2, changed],
    [[set(`kind = 'operator'`, 2)], 2, changed],
    [[set(`action = 'addface'`, 2)], 2, changed],
    [[set(`detail = '{}'`, 2)], 2, changed],
    [[set(`request_id = ''`, 2)], 2, changed],
    [[set('sequence = 100', 6)], 100, gone],
    [
      [
        ['copy', 1],
        ['delete', 1],
      ],
      2,
      gone,
    ],
    [[['delete', 3]], 4, gone],
    [
      [
        ['delete', 1],
        ['delete', 2],
      ],
      3,
      gone,
    ],
    [
      [['delete', 1], ['delete', 2], set(`kind = 'stump', detail = 'no seal'`, 3)],
      3,
      'it says that lines were pruned, and its seal is false',
    ],
  ];
  guarantee('whoever changes a line is found out, and the first broken one named', async (stores, home) => {
    await write(stores, 2, '1002');
    const expected: string[] = [];
    for (const [i, [changes, sequence, reason]] of tamperings.entries()) {
      const appid = String(2_000 + i);
      await write(stores, 6, appid);
      for (const [what, of] of changes) {
        const where = `appid = '${appid}' and sequence = ${of}`;
        await home.ask(statementOf(what, where));
      }
      expected.push(...broken(appid, sequence, reason));
    }
    // The line of another appid that was put under this one is no part of its chain either.
    expected.unshift(...broken('1', 1, changed));
    assert.deepEqual(await brokenOf(stores), expected);
  });

  guarantee('a chain that was cut off, or replaced, is found out by who noted its end', async (stores, home) => {
    await write(stores, 6);
    await write(stores, 2, '1002');
    const anchors = (await verified(stores)).map(({ appid, chain, sequence, hash }) => ({
      appid,
      chain,
      sequence,
      hash,
    }));
    assert.deepEqual(await brokenOf(stores, anchors), []);
    await stores.of('1001').updatePerson('p', { tag: 't' });
    assert.deepEqual(await brokenOf(stores, anchors), []);
    await home.ask(`delete from audit where appid = '1001' and sequence > 4`);
    assert.deepEqual(await brokenOf(stores), []);
    assert.deepEqual(await brokenOf(stores, anchors), broken('1001', 5, 'the lines from here on are gone'));
    for (const tag of ['1', '2', '3']) await stores.of('1001').updatePerson('p', { tag });
    assert.deepEqual(await brokenOf(stores, anchors), broken('1001', 6, 'it was another one before'));
    await home.ask(`delete from audit where appid = '1002'`);
    assert.deepEqual((await brokenOf(stores, anchors)).slice(1), broken('1002', 1, 'the chain is gone'));
  });
}

/** Declares the tests. */
export function pruningTests(guarantee: Guarantee): void {
  guarantee('pruned lines leave a sealed stump, from which the rest is checked', async (stores, home) => {
    await write(stores, 5);
    const { at } = (await linesOf(stores))[0]!;
    // The first three are a day older than the rest.
    const day = 86_400_000;
    assert.equal(await stores.audit.prune(at), 0);
    assert.deepEqual(await linesOf(stores, ''), []);
    assert.equal(await stores.audit.prune(Date.now() + day), 5);
    const [stump, ...none] = await linesOf(stores);
    assert.deepEqual([stump?.kind, stump?.sequence, stump?.actor, stump?.ids, none], ['stump', 5, '', {}, []]);
    await stores.of('1001').updatePerson('p', { tag: 't' });
    assert.deepEqual(
      (await linesOf(stores)).map(({ kind, sequence }) => [kind, sequence]),
      [
        ['stump', 5],
        ['server', 6],
      ],
    );
    const [installation, chain] = await verified(stores);
    assert.deepEqual([installation?.lines, installation?.broken], [1, undefined]);
    assert.deepEqual([chain?.lines, chain?.prunedUpTo, chain?.broken], [1, 5, undefined]);
    const [line] = await linesOf(stores, '');
    assert.equal(line?.action, 'audit prune');
    assert.equal(line?.detail?.lines, 5);
    await home.ask(`update audit set at = at + 1 where appid = '1001' and sequence = 5`);
    assert.deepEqual(await brokenOf(stores), ['1001 5: it says that lines were pruned, and its seal is false']);
  });

  guarantee(
    'lines are pruned up to the first young one, however many there are, and again later',
    async (stores, home) => {
      await write(stores, 7);
      await home.ask(`update audit set at = 1000 * sequence where appid = '1001'`);
      await home.ask(`update audit set at = 90000 where appid = '1001' and sequence = 4`);
      assert.equal(await stores.audit.prune(10_000), 3);
      assert.deepEqual((await linesOf(stores)).map(({ sequence }) => sequence).toSorted(), [3, 4, 5, 6, 7]);
      assert.equal(await stores.audit.prune(10_000), 0);
      assert.equal(await stores.audit.prune(100_000), 4);
      assert.deepEqual(
        (await linesOf(stores)).map(({ kind, sequence }) => [kind, sequence]),
        [['stump', 7]],
      );
    },
  );

  guarantee('more lines than one transaction prunes are all pruned', async (stores, home) => {
    await write(stores, 3);
    const columns = 'appid, chain, at, kind, actor, action, ids, detail, code, request_id, hash';
    for (let i = 0; i < 9; i++) {
      await home.ask(
        `insert into audit (sequence, ${columns}) select sequence + (select max(sequence) from audit where appid = '1001'), ${columns} from audit where appid = '1001'`,
      );
    }
    const told: number[] = [];
    assert.equal(await stores.audit.prune(Date.now() + 1_000, (lines) => told.push(lines)), 3 * 512);
    assert.deepEqual(told, [500, 999, 1498, 1536]);
    assert.deepEqual(await brokenOf(stores), []);
  });
}
