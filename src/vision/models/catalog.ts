/** Every built-in network: where its weights are, its input and outputs, and who made it. */

/** The npm packages that carry the weights, in the version whose files the table names. */
export const packages = {
  '@vladmandic/human': { version: '3.3.6', licence: 'MIT' },
  '@vladmandic/face-api': { version: '1.7.15', licence: 'MIT' },
  'capacitor-face-recognition': { version: '0.1.4', licence: 'MIT' },
} as const;

/** How the name of a network's file ends once the engine has optimised it for a kind of processor. */
export const optimisedSuffix = '.ort';

/** One output of a network, the batch dimension left out. */
export interface NetworkOutput {
  readonly dims: readonly number[];
  readonly meaning: string;
  /** The node of the source graph whose value it is; absent where the source holds weights only. */
  readonly node?: string;
  /** Whether it is the square root of that value. */
  readonly isRoot?: true;
}

/** A file of a package. */
export interface SourceFile {
  /** Path inside the package. */
  readonly path: string;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
}

/** One row of {@link networkCatalog}. */
export interface CatalogNetwork {
  readonly package: keyof typeof packages;
  /** A TensorFlow.js graph model, or a manifest of weights; absent where the weights' file contains their names. */
  readonly manifest?: SourceFile;
  readonly weights: SourceFile;
  /** How it becomes ONNX: `graphModel` if the graph is in the file, else the name of the architecture. */
  readonly kind: 'graphModel' | 'mobileFaceNet' | 'ageGender' | 'dlibResnet';
  /**
   * Whether its convolutions compute in 8-bit integers (`quantise.ts`) instead of floats, which is faster and no less
   * accurate (docs/decisions/0004-precision.md).
   */
  readonly integers?: true;
  /** Height, width and channels of a picture; the ONNX input is `[N, height, width, channels]`, named `input`. */
  readonly input: readonly [height: number, width: number, channels: number];
  /** The range and the order of the input's numbers. */
  readonly feed: string;
  /** In the order of the ONNX file's outputs, `[N, ...dims]`. */
  readonly outputs: Readonly<Record<string, NetworkOutput>>;
  /** What it is for. */
  readonly purpose: string;
  /** Who trained it, and on which data; it says so where that is not public. */
  readonly origin: string;
  /** The licence its authors gave it, as far as known. */
  readonly licence: string;
  /** SHA-256 of the ONNX file that the importer makes, hexadecimal: a file with another digest is not trusted. */
  readonly sha256: string;
  /**
   * The digest of a file that the importer made before, whose outputs are the same but for rounding: the embeddings that were
   * stored with that one are compared with those of today (docs/decisions/0035-rewritten-networks.md).
   */
  readonly sameAs?: string;
}

/** The digest that tells what a network computes. */
export function identityOf({ sha256, sameAs }: Pick<CatalogNetwork, 'sha256' | 'sameAs'>): string {
  return sameAs ?? sha256;
}

/** What both forms of BlazeFace have in common; `cells` a side of the finer of two grids. */
const blazeface = (cells: 8 | 16) =>
  ({
    package: '@vladmandic/human',
    manifest: {
      path: 'models/blazeface.json',
      sha256: 'cd7bbfc078270572beb39f9e5ae67aadbd50b5e67cff37e6d4f6b3ea39312e5f',
    },
    weights: {
      path: 'models/blazeface.bin',
      sha256: 'dc9a97fdc50bc43216554bdd69aa3e7b9361a519ee7bdd996a2f69a98a6f9b72',
    },
    kind: 'graphModel',
    feed: 'RGB from -1 to 1',
    outputs: {
      scores16: {
        dims: [2 * cells ** 2, 1],
        node: 'Identity',
        meaning: `logit of a face, 2 anchors for each cell of ${cells} × ${cells}`,
      },
      boxes16: {
        dims: [2 * cells ** 2, 16],
        node: 'Identity_2',
        meaning: "centre, size and 6 key points as (x, y), in input pixels from the anchor's centre",
      },
      scores8: {
        dims: [1.5 * cells ** 2, 1],
        node: 'Identity_1',
        meaning: `the same for 6 anchors for each cell of ${cells / 2} × ${cells / 2}`,
      },
      boxes8: {
        dims: [1.5 * cells ** 2, 16],
        node: 'Identity_3',
        meaning: `the same for 6 anchors for each cell of ${cells / 2} × ${cells / 2}`,
      },
    },
    licence: 'Apache-2.0',
  }) as const;

/** The built-in networks. */
export const networkCatalog = {
  blazeface: {
    ...blazeface(16),
    input: [256, 256, 3],
    purpose: 'Finds faces, with six key points of each.',
    origin:
      "Google MediaPipe: BlazeFace for back cameras (arXiv:1907.05047). The training photographs are Google's own and not public; the paper speaks of 66,000 for the model's smaller sibling.",
    sha256: '82bd7a308c1db944d3af425bb153b41d6a681387713354410373d96d8d6cdceb',
    sameAs: '2b3f98970c90adf6cf7273a61a7e9b6bd7a06399d19101ada11e56c4a1d0cde0',
  },
  blazefaceSmall: {
    ...blazeface(8),
    input: [128, 128, 3],
    purpose: 'Finds large faces at a quarter of the cost: the first look at a picture.',
    origin: 'The same network for pictures of half the side.',
    sha256: '4d058263cc9e947906193a7d8818aa23705ee66c457f30d0a8e583ac721eceb3',
    sameAs: '608a9d515ccdd825329d3fb8b3a46ea36eb6777260a548068e293a4535ed76a4',
  },
  facemesh: {
    package: '@vladmandic/human',
    manifest: {
      path: 'models/facemesh.json',
      sha256: 'b60ca26f404724f43bd2b1575761d8265180e1f053cc0731caa68462927309e7',
    },
    weights: {
      path: 'models/facemesh.bin',
      sha256: '3826da640b0a3021161605369ee6af293f75d518040355b960ec71a3390c1c0b',
    },
    kind: 'graphModel',
    input: [192, 192, 3],
    feed: 'RGB from 0 to 1',
    outputs: {
      landmarks: { dims: [1404], node: 'Identity_2', meaning: '468 points as (x, y, z) in input pixels' },
      flag: { dims: [1], node: 'Identity_1', meaning: 'probability that there is a face' },
    },
    purpose: 'Finds 468 points of a face in three dimensions.',
    origin:
      "Google MediaPipe: Face Mesh (arXiv:1907.06724). The training photographs are Google's own and not public. The file has a third output, 133 contour points, which is left out.",
    licence: 'Apache-2.0',
    sha256: '4540c1b25633f83e95a26391c12e0ba5ac25e579396a6cf59253021144f24227',
    sameAs: '33e0968497be6c20368d296b62e5a5565b3bc77e4a82ddc4ef14d91a8ec47300',
  },
  faceres: {
    package: '@vladmandic/human',
    manifest: {
      path: 'models/faceres.json',
      sha256: '5b83d49c0385d2e68a05122441b94226313677cae9fcc40b9587ad50079eb4df',
    },
    weights: {
      path: 'models/faceres.bin',
      sha256: '2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b',
    },
    kind: 'graphModel',
    integers: true,
    input: [224, 224, 3],
    feed: 'BGR from 0 to 255, minus (103.939, 116.779, 123.68)',
    outputs: {
      feature: { dims: [1024], node: 'global_pooling/Mean', meaning: 'feature vector for gender, glasses and smiles' },
      gender: { dims: [1], node: 'gender_pred/Sigmoid', meaning: 'probability that the person is male' },
      age: { dims: [100], node: 'age_pred/Softmax', meaning: 'probability of each age from 1 to 100 years' },
    },
    purpose: 'Computes a feature vector of 1024 numbers, age and gender.',
    origin:
      "Andrey Savchenko, Higher School of Economics: MobileNet trained on VGGFace2 to tell people apart, age and gender learnt on top of it (HSE_FaceRec_tf, PeerJ CS 2019, doi:10.7717/peerj-cs.197), by its training script from photographs of IMDB. Which of the author's checkpoints the package carries, it does not say.",
    licence: 'Apache-2.0 by the accounts of others who use it (not checked at its source)',
    sha256: 'daa1b2567372a311842b973b50e1f2fd3c23ad63626dc869c3b2f8d2d83acbbf',
  },
  emotion: {
    package: '@vladmandic/human',
    manifest: {
      path: 'models/emotion.json',
      sha256: '56f7e557eb0c863a8b9ab04ac7ccba756e93bf2c27dce135ef0e8712b80b7ad2',
    },
    weights: {
      path: 'models/emotion.bin',
      sha256: '927ac8224f356ab1e68c2bcfbfa07b0c8567047d1bcf817388ba6e38214c4987',
    },
    kind: 'graphModel',
    input: [64, 64, 1],
    feed: 'grey from -1 to 1',
    outputs: {
      expressions: {
        dims: [7],
        node: 'Identity',
        meaning: 'probability of angry, disgust, fear, happy, sad, surprise, neutral',
      },
    },
    purpose: 'Classifies the expression.',
    origin:
      'Octavio Arriaga: mini-Xception trained on FER-2013, 66 % right on its test set (face_classification, arXiv:1710.07557).',
    licence: 'MIT',
    sha256: 'd44c80a6176956cc20fac586aab6f82fd765eaf3f49de4bd7f398c32ea04a6dd',
  },
  mobileFaceNet: {
    package: 'capacitor-face-recognition',
    weights: {
      path: 'android/src/main/assets/mobilefacenet.tflite',
      sha256: 'b67366e085ec9f6c2afb05c10397a46edeb823367abaec77f64f5ce946ac2847',
    },
    kind: 'mobileFaceNet',
    input: [112, 112, 3],
    feed: 'RGB from 0 to 255, minus 127.5, divided by 128',
    outputs: { embedding: { dims: [192], meaning: 'similar in direction for faces of one person' } },
    purpose: 'Embeds an aligned face in 192 numbers.',
    origin:
      "sirius-ai: MobileFaceNet (arXiv:1804.07573) in TensorFlow (MobileFaceNet_TF; 99.4 % on LFW by its authors), trained on photographs of celebrities that InsightFace cleaned from MS-Celeb-1M, a set that was given out for research only and has been withdrawn. Whether people of LFW are among them is not known, so figures from LFW may flatter it. The package is somebody else's plugin for telephones that carries the file; nothing else of it is used.",
    licence: 'Apache-2.0',
    sha256: '2e9ba5f418d206445f492c857e864a5e840c44e68d8003d29edc8c9abe50a3b1',
    sameAs: '623e60cffb0c58e1d821075258be7696eba51cb34bdd2c940d84c015ce800398',
  },
  ageGender: {
    package: '@vladmandic/face-api',
    manifest: {
      path: 'model/age_gender_model-weights_manifest.json',
      sha256: '74b60bf3ebf981bf4e661e9cca3a185614e10b25d797118b62e2a68d3ff2569f',
    },
    weights: {
      path: 'model/age_gender_model.bin',
      sha256: '49f92bbc0afef2342c4385e4a2b0acb6d7a727c6f0aa539499719a81acf9abaa',
    },
    kind: 'ageGender',
    input: [112, 112, 3],
    feed: 'RGB from 0 to 255, minus (122.782, 117.001, 104.298), divided by 255',
    outputs: {
      age: { dims: [1], meaning: 'years' },
      gender: { dims: [1], meaning: 'probability that the person is male' },
    },
    purpose: 'Estimates age and gender.',
    origin:
      'Vincent Mühler, for face-api.js: a small Xception trained on UTKFace, FG-NET, ChaLearn, Wiki, IMDB, CACD, MegaAge and MegaAge-Asian. Weights rounded to 8 bits.',
    licence: 'MIT',
    sha256: 'e3d56395c5f28e1174470a98c047d61e289fc0a8afe42f27f4036e5c8268cb87',
  },
} as const satisfies Record<string, CatalogNetwork>;

/** The name of a row of {@link networkCatalog}. */
export type NetworkName = keyof typeof networkCatalog;
