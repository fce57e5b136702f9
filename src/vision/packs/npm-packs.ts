/** The packs whose networks are in npm packages that are installed anyway: adding them needs no internet access. */
import { type CatalogNetwork, packages } from '../models/catalog.ts';
import { type PackNetworkName, packNetworkCatalog } from '../models/pack-catalog.ts';
import dlib from '../parameters/pack-dlib.json' with { type: 'json' };
import faceres from '../parameters/pack-faceres.json' with { type: 'json' };
import { type Manifest, readManifest } from './manifest.ts';

/** What the manifest says of a file that is converted from a network of an npm package. */
function convertedFile(name: string, network: PackNetworkName, bytes: number) {
  const row: CatalogNetwork = packNetworkCatalog[network];
  const { licence, origin, sha256, package: source } = row;
  const from = `Converted from ${source} ${packages[source].version}.`;
  return { name, sha256, bytes, network, licence, origin: `${origin} ${from}` };
}

/** The packs of npm packages. */
export const npmPacks: readonly Manifest[] = [
  readManifest({
    name: 'dlib',
    about: "dlib's ResNet describes faces in 128 numbers.",
    files: [convertedFile('dlib.onnx', 'dlibResnet', 22_438_016)],
    // The mean places of the five points in dlib's own chips, cut by its five landmarks, 0.93 times as wide.
    recogniser: {
      file: 'dlib.onnx',
      input: {
        size: 150,
        layout: 'NHWC',
        channels: 'RGB',
        mean: [122.782, 117.001, 104.298],
        divisor: [255, 255, 255],
      },
      alignment: [
        [45.2, 44.55],
        [101.7, 44.4],
        [72.86, 81.19],
        [49.53, 105.38],
        [98.57, 104.97],
      ],
      dimension: 128,
      mirrored: true,
    },
    score: { measured: true, from: dlib.from, knots: dlib.knots },
  }),
  readManifest({
    name: 'faceres',
    about: 'faceres, a MobileNet, describes faces in 1024 numbers.',
    files: [convertedFile('faceres.onnx', 'faceresRoots', 3_398_692)],
    // The mean places of the five points in the frame of a mesh, 1.4 times as wide.
    recogniser: {
      file: 'faceres.onnx',
      input: {
        size: 224,
        layout: 'NHWC',
        channels: 'BGR',
        mean: [103.939, 116.779, 123.68],
        divisor: [1, 1, 1],
      },
      alignment: [
        [81.73, 82.52],
        [141.27, 82.52],
        [111.5, 116.75],
        [85.78, 145.5],
        [137.22, 145.5],
      ],
      dimension: 1024,
      mirrored: true,
      centre: faceres.centre,
    },
    score: { measured: true, from: faceres.from, knots: faceres.knots },
  }),
];
