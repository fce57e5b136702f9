/** The networks of npm packages that become packs of their own: they are converted when such a pack is added. */
import { type CatalogNetwork, type NetworkName, networkCatalog } from './catalog.ts';

const { faceres } = networkCatalog;

/** The networks of packs. */
export const packNetworkCatalog = {
  dlibResnet: {
    package: '@vladmandic/face-api',
    manifest: {
      path: 'model/face_recognition_model-weights_manifest.json',
      sha256: 'cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b',
    },
    weights: {
      path: 'model/face_recognition_model.bin',
      sha256: 'b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589',
    },
    kind: 'dlibResnet',
    input: [150, 150, 3],
    feed: 'RGB from 0 to 255, minus (122.782, 117.001, 104.298), divided by 255',
    outputs: { embedding: { dims: [128], meaning: 'near to each other for faces of one person' } },
    purpose: 'Embeds an aligned face in 128 numbers.',
    origin:
      "Davis King: dlib_face_recognition_resnet_model_v1, trained on about 3 million photographs of 7,485 people: FaceScrub, VGG Face, and about half of them collected from the internet. By its author's account nobody of LFW is among them; 99.38 % on LFW by dlib. Weights rounded to 8 bits.",
    licence: 'CC0-1.0',
    sha256: 'ad3fcca106e7710829f68eeb146fcd20014504f765ee19f25f55b8c56cc75a71',
  },
  faceresRoots: {
    package: faceres.package,
    manifest: faceres.manifest,
    weights: faceres.weights,
    kind: 'graphModel',
    integers: true,
    input: faceres.input,
    feed: faceres.feed,
    outputs: {
      feature: {
        dims: [1024],
        node: 'global_pooling/Mean',
        isRoot: true,
        meaning: 'square roots of the feature: a few large numbers would outweigh the others',
      },
    },
    purpose: 'Embeds a face in 1024 numbers.',
    origin: faceres.origin,
    licence: faceres.licence,
    sha256: 'ec480097a0aebaecd89c5bb1abbe3697cff6b92efd6f14478720b1b7d9158d66',
  },
} as const satisfies Record<string, CatalogNetwork>;

/** The name of a row of {@link packNetworkCatalog}. */
export type PackNetworkName = keyof typeof packNetworkCatalog;

/** Every network that can be converted, the built-in ones and those of packs. */
export const convertibleNetworks: Readonly<Record<NetworkName | PackNetworkName, CatalogNetwork>> = {
  ...networkCatalog,
  ...packNetworkCatalog,
};

/** The name of a network that can be converted. */
export type ConvertibleName = keyof typeof convertibleNetworks;
