import type { Fault } from './fault.ts';

/** Faults in how the networks of packs are fed and read. */
const networks: readonly Fault[] = [
  {
    breaks: 'the mirror image counts where a pack says so',
    file: 'vision/packs/recogniser.ts',
    right: '          views.push(mirrored);\n',
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

/** Faults in the packs of models. */
export const packs: readonly Fault[] = [...networks, ...digests, ...installing];
