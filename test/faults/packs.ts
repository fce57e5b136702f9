import type { Fault } from './fault.ts';

/** Faults in how the networks of packs are fed and read. */
const networks: readonly Fault[] = [
  {
    breaks: 'the mirror image counts where a pack says so',
    file: 'vision/packs/recogniser.ts',
    right:
      '    if (mirrored) for (let k = 0; k < dimension; k++) sum[k]! += output[(i * views + 1) * dimension + k]!;\n',
    wrong: '',
    testName:
      'where the manifest says so, the mirror image counts as much, and what all people have in common is taken off',
  },
  {
    breaks: 'what all people have in common is taken off where a pack says so',
    file: 'vision/packs/recogniser.ts',
    right: 'value - centre[i]!',
    wrong: 'value',
    testName:
      'where the manifest says so, the mirror image counts as much, and what all people have in common is taken off',
  },
  {
    breaks: 'a SCRFD has two anchors in each cell',
    file: 'vision/packs/scrfd.ts',
    right: 'const cell = Math.floor(i / anchors);',
    wrong: 'const cell = i;',
    testName: 'a SCRFD in the place of the detector finds what its outputs say, each once, in pixels of the picture',
  },
  {
    breaks: 'the middle of what a SCRFD finds lies between its sides',
    file: 'vision/packs/scrfd.ts',
    right: 'at((right - left) / 2, (bottom - top) / 2)',
    wrong: 'at(0, 0)',
    testName: 'a SCRFD in the place of the detector finds what its outputs say, each once, in pixels of the picture',
  },
].map((fault) => ({ ...fault, testFile: 'packs/networks.test.ts' }));

/** Faults in what names the model of a pack. */
const digests: readonly Fault[] = [
  {
    breaks: 'embeddings with and without the mirror image are never compared',
    right: "...(recogniser.mirrored ? ['mirrored'] : []),",
    wrong: '',
  },
  {
    breaks: 'embeddings from different centres are never compared',
    right: '...(recogniser.centre ? [recogniser.centre] : []),',
    wrong: '',
  },
].map((fault) => ({
  ...fault,
  file: 'vision/packs/manifest.ts',
  testFile: 'packs/manifest.test.ts',
  testName: 'the digest changes with all that an embedding depends on, and with nothing else',
}));

/** Faults in how packs of npm packages are installed. */
const installing: readonly Fault[] = [
  {
    breaks: 'no network is installed that is not the one of the manifest',
    right: 'if (fault !== undefined) throw new Error(`',
    wrong: 'if (fault === undefined) throw new Error(`',
    testName: 'a file that was converted otherwise than the manifest says is not installed',
  },
  {
    breaks: 'a wrong file that somebody put there is told, not passed over',
    right: 'if (isThere || (',
    wrong: 'if ((',
    testName: 'a file that was handed on is used instead of the npm package, and told if it is another one',
  },
].map((fault) => ({ ...fault, file: 'vision/packs/folder.ts', testFile: 'packs/npm-packs.test.ts' }));

/** Faults in how packs take the place of others. */
const replacing: readonly Fault[] = [
  {
    breaks: 'no pack is replaced by another version while a server may load it again',
    file: 'app/models.ts',
    right: 'installed === undefined || installed.digest === digestOf(manifest)',
    wrong: 'installed === undefined || installed.digest !== ""',
    testFile: 'packs/download.test.ts',
    testName: 'a pack is not replaced by another version of it, of which a server that runs would know nothing',
  },
];

/** Faults in how kept crops are made and embedded. */
const crops: readonly Fault[] = [
  {
    breaks: 'crops that are kept are read as they were cut',
    file: 'vision/pipeline/crop.ts',
    right: 'const zoom = 1.5;',
    wrong: 'const zoom = 1.45;',
    testName: 'crops are cut as ever: those that are kept are read by the same template',
  },
  {
    breaks: 'whoever changes the size of a crop is told',
    file: 'vision/pipeline/crop.ts',
    right: 'const size = 192;',
    wrong: 'const size = 224;',
    testName: 'crops are cut as ever: those that are kept are read by the same template',
  },
  {
    breaks: 'whoever changes how a crop is embedded raises the version of the preprocessing',
    file: 'vision/pipeline/embed-crop.ts',
    right: 'const [settled] = await settleMeshes(mesher, picture, meshes);',
    wrong: 'const [settled] = meshes;',
    testName: 'what the networks are shown of a crop changes only with the version of the preprocessing',
  },
  {
    breaks: 'whoever changes how the recogniser of a pack is fed raises the version of the preprocessing',
    file: 'vision/packs/input.ts',
    right: "channels === 'RGB' ? c : 2 - c",
    wrong: "channels === 'BGR' ? c : 2 - c",
    testName: 'what the recogniser of a pack is shown changes only with the version of the preprocessing',
  },
  {
    breaks: 'crops of before are still embedded where their face is',
    file: 'vision/pipeline/crop.ts',
    right: 'side: share * side, angle };',
    wrong: 'side: share * size, angle };',
    testName: 'the frame of a face in its crop is the one that the template gives it',
  },
  {
    breaks: 'an upgrade is as fast as the recogniser: the points of a face are not found anew',
    file: 'vision/pipeline/embed-crop.ts',
    right: 'pointsIn(crop, decoded.width) ?? (await findPoints(mesher, picture))',
    wrong: 'await findPoints(mesher, picture)',
    testName: 'a crop has the points of its face, so that neither detector nor mesh network runs',
  },
  {
    breaks: 'points that cannot be those of a face are not aligned by',
    file: 'vision/pipeline/crop-points.ts',
    right: 'return isInside && ',
    wrong: 'return ',
    testName: 'points that are damaged or outside of the crop are passed over, and found anew',
  },
].map((fault) => ({ ...fault, testFile: 'vision/embed-crop.test.ts' }));

/** Faults in how several faces are embedded at once, and in how their crops are decoded. */
const together: readonly Fault[] = [
  ...[
    {
      breaks: 'a network that mixes the items of a batch is not given one',
      right: 'this.#isSame &&= together !== undefined && areSame(alone, together, items);',
      wrong: 'areSame(alone, together ?? alone, items);',
      testName: 'a network that gives a batch something else, or takes none, is run one by one for ever',
    },
    {
      breaks: 'a batch is run at once only where that takes less time',
      right: 'this.#isSame && this.#together < this.#alone',
      wrong: 'this.#isSame',
      testName: 'once a batch has given what its items give, and in less time, the next are run at once',
    },
  ].map((fault) => ({ ...fault, file: 'vision/models/together.ts', testFile: 'vision/together.test.ts' })),
  {
    breaks: 'a call never waits for several faces of an upgrade while calls come',
    file: 'vision/pool/analyze-pictures.ts',
    right: 'isQuiet ? embeddedTogether : 1',
    wrong: 'isQuiet ? embeddedTogether : embeddedTogether',
    testFile: 'vision/convert-crops.test.ts',
    testName: 'crops are embedded several in one run of the network, but one by one as long as calls come',
  },
  ...[
    {
      breaks: 'the fast decoder is given nothing that has a profile or an orientation',
      right: 'marker !== huffmanTable && marker !== stepTable && marker !== comment',
      wrong: 'marker < huffmanTable',
      testName: 'a crop is decoded as any picture is, whatever is in it',
    },
    {
      breaks: 'no file of a thousand scans keeps a worker busy',
      right: 'file[at + 4] === 3 ? size : undefined',
      wrong: 'size',
      testName: 'a file that would take more time or memory than a crop is left to the decoder of pictures',
    },
    {
      breaks: 'no worker keeps the memory of a huge file',
      right: '  if (file.length > 3 * size.width * size.height) return undefined;\n',
      wrong: '',
      testName: 'a file that would take more time or memory than a crop is left to the decoder of pictures',
    },
    {
      breaks: 'no worker keeps the memory of crops that are damaged',
      right: '    decoder = undefined;\n',
      wrong: '',
      testName: 'a decoder that has refused a file is not used again, nor is one that could not be made',
    },
  ].map((fault) => ({
    ...fault,
    file: 'vision/pipeline/decode-crop.ts',
    testFile: 'vision/decode-crop.test.ts',
  })),
];

/** Faults in the packs of models, and in what an upgrade to another one reads. */
export const packs: readonly Fault[] = [...networks, ...digests, ...installing, ...replacing, ...crops, ...together];
