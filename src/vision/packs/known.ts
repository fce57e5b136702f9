/** The packs that need no manifest from outside: the built-in one, and those whose sources are pinned here. */

import { networkCatalog, packages } from '../models/catalog.ts';
import scale from '../parameters/score.json' with { type: 'json' };
import { arcFaceTemplate } from '../pipeline/align.ts';
import { builtinName, type Manifest, readManifest } from './manifest.ts';
import { npmPacks } from './npm-packs.ts';

/**
 * A pack as it is listed. The built-in one has no roles, since it has every role that another pack leaves out, and no
 * sizes, since its files are made on this machine.
 */
export interface PackCard {
  readonly name: string;
  readonly about: string;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly licence: string }[];
  /** The source of its scores, if it has a recogniser. */
  readonly score?: { readonly measured: boolean; readonly from: string } | undefined;
}

/** The pack that comes with familiar. */
export const builtinPack: PackCard = {
  name: builtinName,
  about: `The networks of ${Object.keys(packages).join(' and ')}, imported at the first start.`,
  files: Object.entries(networkCatalog).map(([name, { sha256, licence }]) => ({
    name: `${name}.onnx`,
    sha256,
    licence,
  })),
  score: { measured: true, from: scale.from },
};

/** A revision of OpenCV's model zoo: its files cannot change. */
const revision = '47534e27c9851bb1128ccc0102f1145e27f23f98';

/** The addresses of a file of the zoo: its large-file storage, and its authors' mirror. */
function zooUrls(folder: string, name: string): string[] {
  return [
    `https://media.githubusercontent.com/media/opencv/opencv_zoo/${revision}/models/${folder}/${name}`,
    `https://huggingface.co/opencv/${folder}/resolve/main/${name}`,
  ];
}

const yunet = 'face_detection_yunet_2023mar.onnx';
const sface = 'face_recognition_sface_2021dec.onnx';

/** Packs that can be added by name. */
export const knownPacks: readonly Manifest[] = [
  ...npmPacks,
  readManifest({
    name: 'opencv',
    about: "OpenCV Zoo's YuNet finds faces and its SFace describes them.",
    files: [
      {
        name: yunet,
        sha256: '8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4',
        bytes: 232_589,
        urls: zooUrls('face_detection_yunet', yunet),
        licence: 'MIT',
        origin: 'Wei Wu, Hanyang Peng, Shiqi Yu: YuNet (doi:10.1007/s11633-023-1423-y), trained on WIDER FACE.',
      },
      {
        name: sface,
        sha256: '0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79',
        bytes: 38_696_353,
        urls: zooUrls('face_recognition_sface', sface),
        licence: 'Apache-2.0',
        origin: 'Yaoyao Zhong et al.: SFace (doi:10.1109/TIP.2020.3048632), a MobileFaceNet.',
      },
    ],
    // OpenCV's FaceDetectorYN feeds the picture as it reads it: blue first, 0 to 255.
    detector: {
      file: yunet,
      kind: 'yunet',
      input: { size: 640, layout: 'NCHW', channels: 'BGR', mean: [0, 0, 0], divisor: [1, 1, 1] },
    },
    // OpenCV's FaceRecognizerSF: red first, 0 to 255 (the network centres them itself), aligned as for ArcFace.
    recogniser: {
      file: sface,
      input: { size: 112, layout: 'NCHW', channels: 'RGB', mean: [0, 0, 0], divisor: [1, 1, 1] },
      alignment: arcFaceTemplate,
      dimension: 128,
    },
    score: {
      measured: false,
      from: 'Estimated about the cosine 0.363 at which OpenCV tells persons apart on Labeled Faces in the Wild.',
      knots: [
        { cosine: -0.1, score: 0 },
        { cosine: 0.15, score: 25 },
        { cosine: 0.25, score: 50 },
        { cosine: 0.32, score: 60 },
        { cosine: 0.39, score: 70 },
        { cosine: 0.46, score: 80 },
        { cosine: 0.53, score: 90 },
        { cosine: 0.96, score: 99 },
        { cosine: 1, score: 100 },
      ],
    },
  }),
];
