/** Runs the suite of packs over PostgreSQL, and what concerns transactions that overlap. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { conversionSuite } from '../store/conversion.suite.ts';
import { packsSuite } from '../store/packs.suite.ts';
import { untilSettled } from '../store/upgrading.ts';
import { postgresHome } from './home.ts';

packsSuite('PostgreSQL', postgresHome);
conversionSuite('PostgreSQL', postgresHome);

test('a conversion is not over while a transaction may not know of the pack', async () => {
  await using home = await postgresHome();
  await using stores = await home.open();
  const { upgrades, agree } = stores.packs;
  await agree('first', 'm1');
  await home.ask('begin');
  await home.ask(`insert into registries (appid, groups) values ('7', 0)`);
  await upgrades.begin('second', false);
  await upgrades.report('server', 'second', { state: 'able', model: 'm2' });
  await home.ask('select 1');
  await using other = await home.open();
  await other.packs.list();
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: home.url });
  await client.connect();
  await client.query('update packs set asked_at = asked_at - 60000');
  await client.end();
  await upgrades.advance('second');
  assert.equal(await upgrades.claim('server', 'second'), true);
  await upgrades.require('server', 'second');
  assert.equal(await upgrades.isSettled('second'), false);
  await home.ask('commit');
  await untilSettled(stores);
});
