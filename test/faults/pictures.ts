/** Faults in how large pictures are decoded, and in the first look at a picture. */
import type { Fault } from './fault.ts';

/** Faults in the sizes of a picture. */
const sizes: readonly Fault[] = [
  {
    breaks: 'a small face of a large picture is decoded larger',
    right: 'if (finest.shrink <= shrink) return;',
    wrong: 'if (finest.shrink > 0) return;',
    testName: 'a picture that was decoded smaller is decoded again as far as crops need it, and no farther',
  },
  {
    breaks: 'a large picture is decoded in each size once at most',
    right: 'this.#decoded = this.#decoded.then(() => this.#decode(source, scale * enlargedMax));',
    wrong: 'this.#decoded = this.#decode(source, scale * enlargedMax);',
    testName: 'a picture that was decoded smaller is decoded again as far as crops need it, and no farther',
  },
  {
    breaks: 'a large picture is decoded no larger than faces need it',
    right: 'sizes.find(({ width }) => this.base.width / width <= shrink) ?? sizes',
    wrong: 'sizes',
    testName: 'a picture that was decoded smaller is decoded again as far as crops need it, and no farther',
  },
  {
    breaks: 'a place in a picture that was decoded smaller is the same place',
    right: 'shrink: this.base.width / pixels.width',
    wrong: 'shrink: 1',
    testName: 'places in a picture are those of its full size, whichever size is sampled',
  },
  {
    breaks: 'the pixels of large pictures do not wait for the collector',
    right: 'for (const { pixels } of this.#levels.splice(0)) (pixels',
    wrong: 'for (const { pixels } of this.#levels.splice(1)) (pixels',
    testName: 'the pixels of every size are freed when a picture is',
  },
].map((fault) => ({ ...fault, file: 'vision/kernels/pyramid.ts', testFile: 'vision/kernels/pyramid.test.ts' }));

/** Faults in decoding. */
const decoding: readonly Fault[] = [
  {
    breaks: 'a large picture that is cut off is refused, though it is decoded smaller',
    right: "const reading = { failOn: 'error',",
    wrong: "const reading = { failOn: 'none',",
    testName: 'a large picture is refused for the same damage, wherever it is, as if it were decoded in full size',
  },
  {
    breaks: 'a picture of tens of megapixels never takes more than 48 MB',
    right: 'Math.max(width, height) / workingSideMax',
    wrong: '1',
    testName: 'a still larger picture is decoded at a ninth at first, and in the working side at most',
  },
].map((fault) => ({ ...fault, file: 'vision/pipeline/decode.ts', testFile: 'vision/decode-large.test.ts' }));

/** Faults in how pictures are decoded whose header is not read first. */
const heads: readonly Fault[] = [
  {
    breaks: 'the colours of a telephone are not taken for the usual ones',
    file: 'vision/pipeline/decode.ts',
    right: 'ignoreIcc: head.isStandardRgb',
    wrong: 'ignoreIcc: true',
    testFile: 'vision/decode.test.ts',
    testName: 'passing over the usual sRGB profile changes no byte, and any other profile is honoured',
  },
  {
    breaks: 'a picture whose height is told after it is not decoded without a limit',
    file: 'vision/pipeline/jpeg-head.ts',
    right: 'if (size.width * size.height === 0) return undefined;',
    wrong: '',
    testFile: 'vision/jpeg-head.test.ts',
    testName: 'what is not in three colours, or is no picture, is left to the decoder',
  },
  {
    breaks: 'a picture of which two sizes are told is not decoded as if it had the first',
    file: 'vision/pipeline/jpeg-head.ts',
    right: ' || size !== undefined) return undefined;',
    wrong: ') return undefined;',
    testFile: 'vision/jpeg-head.test.ts',
    testName: 'what is not in three colours, or is no picture, is left to the decoder',
  },
  {
    breaks: 'a profile is not passed over because another one is called as the usual one',
    file: 'vision/pipeline/jpeg-head.ts',
    right: '      if (isStandard !== undefined) return undefined;\n',
    wrong: '',
    testFile: 'vision/jpeg-head.test.ts',
    testName: 'what is not in three colours, or is no picture, is left to the decoder',
  },
];

/** Faults in the first look. */
const glancing: readonly Fault[] = [
  {
    breaks: 'small faces are looked for with more care',
    file: 'vision/pipeline/find.ts',
    right: ' && box.width >= shareMin * whole.side',
    wrong: '',
    testName: 'a first look that leaves a doubt does not count',
  },
  {
    breaks: 'a doubtful detection that may be a face is looked for with more care',
    file: 'vision/pipeline/find.ts',
    right: 'if (ghosts.some(({ presence }) => presence >= presenceMin)) return undefined;',
    wrong: '',
    testName: 'a first look that leaves a doubt does not count',
  },
  {
    breaks: 'a bystander whom the mesh network does not see at a first look is looked for with more care',
    file: 'vision/pipeline/find.ts',
    right: 'doubtful.some(({ score }) => score >= ghostMax)',
    wrong: 'false',
    testName: 'a faint detection that the mesh takes for no face is none; a stronger one is a doubt, and so are three',
  },
  {
    breaks: 'what no mesh fits is looked at with more care',
    file: 'vision/pipeline/find.ts',
    right: '      score * mesh.presence >= sureMin &&\n',
    wrong: '',
    testName: 'a first look that leaves a doubt does not count',
  },
  {
    breaks: 'somebody who may stand beside a face is looked for with more care',
    file: 'vision/pipeline/blazeface.ts',
    right: 'inputSize: 128, scoreMin: 0.25',
    wrong: 'inputSize: 128, scoreMin: 0.3',
    testName: 'a first look that leaves a doubt does not count',
  },
  {
    breaks: 'one face is one face at the first look',
    file: 'vision/pipeline/find.ts',
    right: 'iou(box, other.box) <= apartMax',
    wrong: 'true',
    testName: 'a first look that shows one face twice does not count',
  },
  {
    breaks: 'a face of a large picture is told in pixels of what was sent',
    file: 'vision/pipeline/analyze.ts',
    right: 'const scale = picture.width / pyramid.base.width;',
    wrong: 'const scale = picture.width / picture.pixels.width;',
    testName: 'a face is told in pixels of the picture that was sent, though the picture is decoded smaller',
  },
].map((fault) => ({ ...fault, testFile: 'vision/find.test.ts' }));

/** Faults in how a mesh is fitted once more. */
const settling: readonly Fault[] = [
  {
    breaks: 'a face is aligned by points that were found in its own frame',
    file: 'vision/pipeline/mesh.ts',
    right: '  return fitMeshes(network, picture, meshes.map(frameOf));',
    wrong: '  return Promise.resolve([...meshes]);',
    testFile: 'vision/mesh.test.ts',
    testName: 'a mesh is fitted once more, in its own frame, wherever the first one was',
  },
];

/** All of them. */
export const pictures: readonly Fault[] = [...sizes, ...decoding, ...heads, ...glancing, ...settling];
