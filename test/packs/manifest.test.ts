import assert from 'node:assert/strict';
import test from 'node:test';
import { packNetworkCatalog } from '../../src/vision/models/pack-catalog.ts';
import { builtinPack, knownPacks } from '../../src/vision/packs/known.ts';
import { digestOf, readManifest } from '../../src/vision/packs/manifest.ts';
import { npmPacks } from '../../src/vision/packs/npm-packs.ts';
import { scrfdOutputs, thumbnailManifest } from './made-up.ts';

const whole = thumbnailManifest('whole');

test('a manifest that is written down and read again is the same', () => {
  for (const manifest of [whole, ...knownPacks]) {
    assert.deepEqual(readManifest(JSON.parse(JSON.stringify(manifest))), manifest);
  }
});

test('every fault of a manifest is named at once', () => {
  const [file] = whole.files;
  const faulty = {
    ...whole,
    name: 'Has Spaces',
    files: [{ ...file, name: '../escape.onnx', sha256: 'short', urls: ['file:///etc/passwd'] }],
    score: {
      ...whole.score,
      knots: [
        { cosine: 1, score: 100 },
        { cosine: 0, score: 0 },
      ],
    },
  };
  assert.throws(() => readManifest(faulty), /name:.*files\.0\.name:.*files\.0\.sha256:.*files\.0\.urls\.0:.*knots:/);
});

test('what belongs together is there together', () => {
  const { score: _, ...scoreless } = whole;
  assert.throws(() => readManifest(scoreless), /a recogniser needs a score/);
  assert.throws(() => readManifest({ ...whole, files: [...whole.files, ...whole.files] }), /two files have one name/);
  const elsewhere = { ...whole, recogniser: { ...whole.recogniser, file: 'other.onnx' } };
  assert.throws(() => readManifest(elsewhere), /no file called other\.onnx/);
  const short = { ...whole, recogniser: { ...whole.recogniser, centre: [0] } };
  assert.throws(() => readManifest(short), /the centre has 1 numbers, and an embedding 192/);
  assert.throws(() => readManifest({ ...whole, name: 'builtin' }), /built in/);
  assert.throws(
    () => readManifest({ ...whole, licence: 'MIT' }),
    /licence/,
    'what is not understood is not passed over',
  );
});

test('the digest changes with all that an embedding depends on, and with nothing else', () => {
  const { recogniser, files, score } = whole;
  assert.ok(recogniser && score);
  const [file] = files;
  const same = [
    { ...whole, name: 'renamed', about: 'otherwise' },
    { ...whole, score: { ...score, measured: true } },
    { ...whole, files: [{ ...file!, urls: ['https://elsewhere.example/'] }] },
  ];
  for (const manifest of same) assert.equal(digestOf(manifest), digestOf(whole));
  const { input } = recogniser;
  const others = [
    { ...whole, files: [{ ...file!, sha256: '0'.repeat(64) }] },
    ...[
      { ...recogniser, dimension: 191 },
      { ...recogniser, output: 'fc1' },
      { ...recogniser, mirrored: true },
      { ...recogniser, centre: new Array<number>(192).fill(0) },
      { ...recogniser, alignment: recogniser.alignment.toReversed() as typeof recogniser.alignment },
      { ...recogniser, input: { ...input, size: 128 } },
      { ...recogniser, input: { ...input, layout: 'NHWC' as const } },
      { ...recogniser, input: { ...input, channels: 'BGR' as const } },
      { ...recogniser, input: { ...input, mean: [0, 0, 0] as [number, number, number] } },
      { ...recogniser, input: { ...input, divisor: [1, 1, 1] as [number, number, number] } },
    ].map((changed) => ({ ...whole, recogniser: changed })),
  ];
  assert.equal(new Set([whole, ...others].map(digestOf)).size, others.length + 1);
});

test('a pack keeps its digest, on which the names of models rest', () => {
  const [file] = whole.files;
  const pinned = { ...whole, files: [{ ...file!, sha256: '0'.repeat(64) }] };
  assert.equal(digestOf(pinned), 'd0ad66a7021c207ab8b682e8a797da9ae419189a3ef27d7cc8b980b0b95d9ce2');
  const detector = { file: file!.name, kind: 'yunet' as const, input: whole.recogniser!.input };
  assert.equal(digestOf({ ...pinned, detector }), '4078b2958e128e890a6a6d2bf2c6b01ec68c2b9914bb8ed1f2efb4763db9a344');
  const scrfd = { ...detector, kind: 'scrfd' as const, outputs: scrfdOutputs };
  assert.equal(
    digestOf({ ...pinned, detector: scrfd }),
    '9093e9aefac701c291a80206b1caacc90cc520da6402be254d63190746817c3f',
  );
  const renamed = { ...scrfd, outputs: scrfdOutputs.toReversed() };
  assert.notEqual(digestOf({ ...pinned, detector: renamed }), digestOf({ ...pinned, detector: scrfd }));
  const { recogniser: _, ...rest } = pinned;
  assert.equal(digestOf({ ...rest, detector }), 'c4f24fd8971fdf6e0f6cb7c2f2cdb28528ad6b8590ee3459dc3e7d0115fce1cd');
});

test('packs of npm packages keep their digests, under which embeddings are stored', () => {
  const digests = Object.fromEntries(npmPacks.map((manifest) => [manifest.name, digestOf(manifest)]));
  assert.deepEqual(digests, {
    dlib: '1979546be324ff4e3eb4c4f1a64fc107a335bca0297b090b06fecd4b361e815d',
    faceres: '9cac10fe1f4add37314062daed9d12159592286f4e51ba0e7e86b2ca84ae7da8',
  });
});

test('the known packs are pinned as the project promises, over https and with their licences', () => {
  const files = Object.fromEntries(
    knownPacks
      .find(({ name }) => name === 'opencv')!
      .files.map(({ name, sha256, licence }) => [name, [sha256, licence]]),
  );
  assert.deepEqual(files, {
    'face_detection_yunet_2023mar.onnx': ['8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4', 'MIT'],
    'face_recognition_sface_2021dec.onnx': [
      '0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79',
      'Apache-2.0',
    ],
  });
  for (const { urls, network, sha256 } of knownPacks.flatMap((pack) => pack.files)) {
    if (network) assert.deepEqual([urls, sha256], [[], packNetworkCatalog[network].sha256]);
    else assert.ok(urls.length > 1 && urls.every((url) => url.startsWith('https://')));
  }
  assert.ok(builtinPack.files.every(({ sha256, licence }) => sha256.length === 64 && licence !== ''));
});
