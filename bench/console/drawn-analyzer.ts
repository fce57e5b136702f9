/** Face analysis that knows the pictures that were drawn, and no others: what it says of their faces is made up. */
import { createHash } from 'node:crypto';
import type { OpenedAnalyzer } from '../../src/app/packs/opened-analyzer.ts';
import type { Analysis, AnalyzedFace, AnalyzeOptions, FacePart, Point } from '../../src/domain/face-analyzer.ts';
import { Random } from '../../test/random.ts';
import { drawCrop, drawPortrait, drawTogether, portraitBox, portraitSide } from './drawn-faces.ts';

const dimension = 128;
/** How much of an embedding is the person's, and how much the photograph's. */
const [own, other] = [0.86, 0.5];

/** Draws pictures, and analyses them afterwards. */
export class DrawnAnalyzer {
  readonly #known = new Map<string, { readonly persons: readonly number[]; readonly take: number }>();

  /** A picture of persons side by side. */
  async picture(persons: readonly number[], take: number): Promise<Buffer> {
    const [first] = persons;
    const bytes = persons.length === 1 ? await drawPortrait(first!, take) : await drawTogether(persons, take);
    this.#known.set(digestOf(bytes), { persons, take });
    return bytes;
  }

  /** What a server opens in the place of the networks. */
  open(): OpenedAnalyzer {
    return {
      model: 'sha256:drawn',
      dimension,
      analyze: (picture, options) => this.#analyze(picture, options),
      areCopies: async (_, others) => others.map(() => false),
      compare: (a, b) => ({ score: scoreOf(innerProduct(a, b)), mayBeCopy: false }),
      scoreOf,
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async #analyze<P extends FacePart>(picture: Uint8Array, options: AnalyzeOptions<P>): Promise<Analysis<P>> {
    options.onTaken?.();
    const { persons, take } = this.#known.get(digestOf(picture)) ?? { persons: [], take: 0 };
    const faces = await Promise.all(persons.map((person, i) => faceOf(person, take, i * portraitSide)));
    const size = { width: portraitSide * Math.max(persons.length, 1), height: portraitSide };
    const some = faces.slice(0, options.facesMax) as unknown as AnalyzedFace<P>[];
    return { ...size, faces: some, others: [], timings: {} };
  }
}

async function faceOf(person: number, take: number, left: number): Promise<AnalyzedFace> {
  const [looks, today] = [new Random(1_000 + person), new Random(9_000 + person * 31 + take)];
  const box = { ...portraitBox, x: portraitBox.x + left };
  return {
    box,
    attributes: {
      ...{ gender: looks.below(101), age: 18 + looks.below(50), expression: today.below(101), glass: looks.oneIn(4) },
      ...{ pitch: today.below(9) - 4, yaw: today.below(13) - 6, roll: today.below(7) - 3 },
    },
    embedding: embeddingOf(person, take),
    crop: await drawCrop(person, take),
    shape: shapeOf(left),
    quality: { score: 62 + today.below(36) },
    further: [],
  };
}

function embeddingOf(person: number, take: number): Float32Array {
  const [whose, when] = [directionOf(person), directionOf(100_000 + person * 1_000 + take)];
  return normalized(whose.map((value, i) => own * value + other * when[i]!));
}

function directionOf(seed: number): Float32Array {
  const random = new Random(seed);
  return normalized(Float32Array.from({ length: dimension }, () => random.below(2_000_001) / 1_000_000 - 1));
}

function normalized(values: Float32Array): Float32Array {
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

/** On the scale of the built-in networks, as far as a picture of a page needs it. */
function scoreOf(cosine: number): number {
  return 100 / (1 + Math.exp(-9 * (cosine - 0.42)));
}

/** Contours of the drawing, on ellipses. */
function shapeOf(left: number) {
  const arc = (count: number, x: number, y: number, rx: number, ry: number, from: number, to: number): Point[] =>
    Array.from({ length: count }, (_, i) => {
      const angle = from + ((to - from) * i) / (count - 1);
      return { x: left + x + rx * Math.cos(angle), y: y + ry * Math.sin(angle) };
    });
  const round = (count: number, x: number, y: number, rx: number, ry: number) =>
    arc(count + 1, x, y, rx, ry, Math.PI, -Math.PI).slice(0, count);
  return {
    profile: arc(21, 200, 205, 86, 105, Math.PI, 0),
    ...{ leftEye: round(8, 165, 195, 12, 8), rightEye: round(8, 235, 195, 12, 8) },
    ...{ leftEyebrow: round(8, 165, 173, 16, 5), rightEyebrow: round(8, 235, 173, 16, 5) },
    mouth: [...round(12, 200, 272, 28, 10), ...round(10, 200, 272, 22, 4)],
    nose: [{ x: left + 200, y: 236 }, ...round(12, 200, 225, 12, 16)],
  };
}

function innerProduct(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
