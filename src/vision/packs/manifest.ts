/** The manifest of a model pack: its files, how pictures are prepared for them, and what its scores mean. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type PackNetworkName, packNetworkCatalog } from '../models/pack-catalog.ts';

/** The name of the pack that every installation has. */
export const builtinName = 'builtin';

/** Largest file of a pack in bytes; the largest recognisers in use have a quarter of it. */
const bytesMax = 2 ** 30;

const fileName = z.string().regex(/^\w[\w.-]{0,127}\.onnx$/, 'must be a file name that ends in .onnx');
const three = z.tuple([z.number(), z.number(), z.number()]);
const divisors = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);
const packNetworks = Object.keys(packNetworkCatalog) as [PackNetworkName, ...PackNetworkName[]];
const point = z.tuple([z.number(), z.number()]);

const file = z.strictObject({
  name: fileName,
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 of 64 hexadecimal digits'),
  /** The exact size; more is never read. */
  bytes: z.int().positive().max(bytesMax),
  /** Its addresses, tried in this order. */
  urls: z.array(z.url({ protocol: /^https?$/ })).default([]),
  /** The network of an npm package that it is converted from, instead of being downloaded. */
  network: z.enum(packNetworks).optional(),
  /** Of the weights. */
  licence: z.string().min(1),
  /** Whose work it is, and what is known of its training. */
  origin: z.string().min(1),
});

/** A network's input, a square picture: from channels of 0 to 255, `(channel − mean) / divisor`. */
const input = z.strictObject({
  /** Side in pixels. */
  size: z.int().min(8).max(2048),
  layout: z.enum(['NCHW', 'NHWC']),
  channels: z.enum(['RGB', 'BGR']),
  /** In the order of `channels`. */
  mean: three,
  /** In the order of `channels`. */
  divisor: divisors,
});

const knot = z.strictObject({ cosine: z.number().min(-1).max(1), score: z.number().min(0).max(100) });

const score = z.strictObject({
  /** Whether the knots were fitted to pairs of strangers, as docs/contract.md §3.2 demands, or are an estimate. */
  measured: z.boolean(),
  /** Where the knots come from. */
  from: z.string().min(1),
  knots: z.array(knot).min(2).refine(isRising, 'cosines must rise, and scores must not fall'),
});

const recogniser = z.strictObject({
  file: fileName,
  input,
  /** The output to read; the first if it is left out. */
  output: z.string().min(1).optional(),
  /**
   * Where the person's right eye, left eye, nose tip, right and left corner of the mouth lie in the input, in pixels
   * counted from the centre of the first, as papers and OpenCV give them.
   */
  alignment: z.tuple([point, point, point, point, point]),
  /** Numbers of an embedding. */
  dimension: z.int().min(2).max(4096),
  /** Whether the output for the face's mirror image is added to the face's; it costs a second run. */
  mirrored: z.boolean().optional(),
  /** Subtracted from the output of unit length, which is normalised again: the mean of many people's outputs. */
  centre: z.array(z.number().min(-1).max(1)).optional(),
});

const detector = z.discriminatedUnion('kind', [
  z.strictObject({ file: fileName, kind: z.literal('yunet'), input }),
  z.strictObject({
    file: fileName,
    kind: z.literal('scrfd'),
    input,
    /** Its outputs by name: the scores of the grids of 8, 16 and 32 pixels, then their boxes, then their points. */
    outputs: z.array(z.string().min(1)).length(9),
  }),
]);

const manifest = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 small letters, digits and dashes')
      .refine((name) => name !== builtinName, 'is the name of the pack that is built in'),
    about: z.string().min(1),
    files: z.array(file).min(1).max(16),
    /** How faces are embedded; by the built-in network if it is left out. */
    recogniser: recogniser.optional(),
    /** How faces are detected; by the built-in network if it is left out. */
    detector: detector.optional(),
    /** The scores of cosines between the recogniser's embeddings. */
    score: score.optional(),
  })
  .superRefine(({ files, recogniser, detector, score }, context) => {
    const fault = (message: string) => void context.addIssue({ code: 'custom', message });
    const names = files.map(({ name }) => name);
    if (new Set(names).size < names.length) fault('two files have one name');
    for (const role of [recogniser, detector]) {
      if (role && !names.includes(role.file)) fault(`there is no file called ${role.file}`);
    }
    if (recogniser && !score) fault('a recogniser needs a score');
    if (recogniser?.centre && recogniser.centre.length !== recogniser.dimension)
      fault(`the centre has ${recogniser.centre.length} numbers, and an embedding ${recogniser.dimension}`);
  });

/** A checked manifest. */
export type Manifest = z.output<typeof manifest>;
/** One file of a pack. */
export type PackFile = Manifest['files'][number];
/** How a pack's recogniser is run. */
export type RecogniserPlan = z.output<typeof recogniser>;
/** How a pack's detector is run. */
export type DetectorPlan = z.output<typeof detector>;
/** How a SCRFD is run. */
export type ScrfdPlan = Extract<DetectorPlan, { kind: 'scrfd' }>;
/** How a square picture is laid out for a network. */
export type InputPlan = z.output<typeof input>;

/**
 * Reads a manifest.
 * @param value parsed JSON.
 * @throws Error that names every fault.
 */
export function readManifest(value: unknown): Manifest {
  const read = manifest.safeParse(value);
  if (read.success) return read.data;
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.') || 'manifest'}: ${message}`);
  throw new Error(`This is not a manifest of a model pack: ${faults.join('; ')}`);
}

/**
 * SHA-256 over everything of a pack that an embedding depends on: not its score, so that registered faces can still be
 * compared after a better calibration.
 */
export function digestOf({ files, recogniser, detector }: Manifest): string {
  const shaOf = (name: string) => files.find((file) => file.name === name)?.sha256;
  const inputOf = ({ size, layout, channels, mean, divisor }: InputPlan) => [size, layout, channels, mean, divisor];
  const parts = [
    recogniser && [
      shaOf(recogniser.file),
      inputOf(recogniser.input),
      recogniser.output ?? null,
      recogniser.alignment,
      recogniser.dimension,
      // What came later is left out where it is not used, so that older packs keep their digests.
      ...(recogniser.mirrored ? ['mirrored'] : []),
      ...(recogniser.centre ? [recogniser.centre] : []),
    ],
    detector && [
      shaOf(detector.file),
      detector.kind,
      inputOf(detector.input),
      ...(detector.kind === 'scrfd' ? [detector.outputs] : []),
    ],
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function isRising(knots: readonly z.output<typeof knot>[]): boolean {
  return knots.every(({ cosine, score }, i) => {
    const before = knots[i - 1];
    return before === undefined || (cosine > before.cosine && score >= before.score);
  });
}
