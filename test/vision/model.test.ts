import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { NetworkName } from '../../src/vision/models/catalog.ts';
import { digestOf } from '../../src/vision/packs/manifest.ts';
import { digestOfParameters } from '../../src/vision/pipeline/embed.ts';
import { modelOf, type Provenance } from '../../src/vision/pipeline/model.ts';
import { type Role, roles } from '../../src/vision/pipeline/networks.ts';
import { thumbnailManifest, yunetManifest } from '../packs/made-up.ts';

const names = Object.values(roles).map(({ name }) => name);

/** Made-up digests: each network's is its name. */
const networks = Object.fromEntries(names.map((name) => [name, { identity: name }])) as Provenance['networks'];
const whole: Provenance = { preprocessing: 1, networks, parameters: 'parameters' };
const recogniserPack = thumbnailManifest('thumbnail');
const detectorPack = yunetManifest('yunet', new Uint8Array(3), 64);

/** The provenance with the network of a role changed. */
function retrained(from: Provenance, role: Role): Provenance {
  const name: NetworkName = roles[role].name;
  return { ...from, networks: { ...from.networks, [name]: { identity: 'another' } } };
}

/** Which single changes give embeddings another model. */
function changing(from: Provenance): string[] {
  const changes: Record<string, Provenance> = {
    preprocessing: { ...from, preprocessing: 2 },
    parameters: { ...from, parameters: 'others' },
    ...Object.fromEntries(Object.keys(roles).map((role) => [role, retrained(from, role as Role)])),
  };
  return Object.keys(changes).filter((name) => modelOf(changes[name]!) !== modelOf(from));
}

test('a model is another with each thing that embeddings come from, and with nothing else', () => {
  assert.deepEqual(changing(whole).toSorted(), ['detector', 'mesher', 'parameters', 'preprocessing', 'recogniser']);
  assert.deepEqual(changing({ ...whole, pack: detectorPack }), changing(whole));
});

test("a pack's recogniser takes the place of the built-in one and its parameters", () => {
  assert.deepEqual(changing({ ...whole, pack: recogniserPack }).toSorted(), ['detector', 'mesher', 'preprocessing']);
});

test('a model is another with each pack, and with none', () => {
  const [file] = recogniserPack.files;
  const retrained = { ...recogniserPack, files: [{ ...file!, sha256: '0'.repeat(64) }] };
  const packs = [undefined, recogniserPack, retrained, detectorPack];
  assert.equal(new Set(packs.map((pack) => modelOf({ ...whole, pack }))).size, packs.length);
});

test('networks that change places make another model', () => {
  const { mobileFaceNet, facemesh, blazeface } = networks;
  const swapped = { ...networks, mobileFaceNet: facemesh, facemesh: mobileFaceNet };
  const others = { ...networks, blazeface: facemesh, facemesh: blazeface };
  assert.equal(new Set([networks, swapped, others].map((networks) => modelOf({ ...whole, networks }))).size, 3);
});

test('a model keeps its digest, under which embeddings are registered', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const recipe = 'preprocessing 1\nblazeface\nfacemesh\n';
  assert.equal(modelOf(whole), sha256(`${recipe}mobileFaceNet\nparameters parameters\n`));
  assert.equal(modelOf({ ...whole, pack: recogniserPack }), sha256(`${recipe}pack ${digestOf(recogniserPack)}\n`));
});

test('the digest of the parameters is another with any of them', () => {
  const digest = '7cce8a814750c5e7801c5afb9ae9bdd9c174c50902a35b1ae31860895353010e';
  assert.equal(digestOfParameters([0.5, 0.25]), digest);
  assert.notEqual(digestOfParameters([0.5, 0.25]), digestOfParameters([0.5, 0.26]));
  assert.notEqual(digestOfParameters(), digestOfParameters([]));
});
