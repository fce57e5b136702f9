import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { identityOf } from '../../src/vision/models/catalog.ts';
import { type ConvertibleName, convertibleNetworks } from '../../src/vision/models/pack-catalog.ts';

const folder = new URL('../../src/vision/parameters/', import.meta.url);

test('smiles of people who were not in the training are told apart as well as is promised', () => {
  const { measured } = JSON.parse(readFileSync(new URL('expression.json', folder), 'utf8'));
  assert.ok(measured.auc >= 0.955, `${measured.auc}`);
  const [none, slight, broad] = measured.meanByDegree;
  assert.ok(none < 15 && Math.abs(slight - 50) < 10 && broad > 85, `${measured.meanByDegree}`);
});

for (const file of readdirSync(folder)) {
  test(`${file} says what it is, what it was learned from, and from which networks, which are those in use`, () => {
    const card = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    assert.match(card.what, /\w/);
    assert.match(card.from, /\w/);
    assert.ok(Object.keys(card.measured).length > 0);
    const sources = Object.keys(card.networks) as ConvertibleName[];
    assert.ok(sources.length > 0);
    const inUse = sources.map((name) => [name, identityOf(convertibleNetworks[name])]);
    assert.deepEqual(card.networks, Object.fromEntries(inUse), 'learn them anew: bench/vision/train.ts');
  });
}
