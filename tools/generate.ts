/** Writes every page, or part of a page, that is generated from the code; with --check it only lists the stale ones. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderCapacity } from '../bench/scale/capacity.ts';
import { flagOf, type SettingName, type SettingRow, settingsTable, variableOf } from '../src/app/settings.ts';
import { openApiDocument } from '../src/contract/projections/openapi.ts';
import type { KernelName } from '../src/wasm/load.ts';
import { compileAssemblyScript } from './kernels.ts';
import { renderLayers } from './layers.ts';
import { table } from './markdown.ts';
import { harmless } from './mutation/harmless.ts';
import { renderLeftOut } from './mutation/page.ts';
import { renderClientCalls } from './pages/client.ts';
import { renderCodesPage } from './pages/codes-page.ts';
import { renderModelsPage } from './pages/models-page.ts';
import { renderReferencePage } from './pages/reference-page.ts';
import { replacePart } from './parts.ts';
import { inChinese, inEnglish } from './words.ts';

/** A generated page: its path, and its text as a function of the current text. */
interface Page {
  readonly path: string;
  readonly render: (current: string) => string;
}

/** The compiled kernels; each is beside its source. */
const kernels: readonly KernelName[] = ['scan', 'sample', 'halve', 'gcm'];

const root = new URL('../', import.meta.url);

const pages: readonly Page[] = [
  { path: 'ARCHITECTURE.md', render: (current) => replacePart(current, 'layers', renderLayers()) },
  { path: 'MODELS.md', render: renderModelsPage },
  { path: 'docs/tests.md', render: (current) => replacePart(current, 'left-out', renderLeftOut(harmless)) },
  { path: 'docs/scale.md', render: (current) => replacePart(current, 'capacity', renderCapacity(resultsPage, 'en')) },
  {
    path: 'docs/zh/scale.md',
    render: (current) => replacePart(current, 'capacity', renderCapacity(resultsPage, 'zh')),
  },
  { path: 'docs/settings.md', render: renderSettings },
  { path: 'docs/api.md', render: () => renderReferencePage(inEnglish) },
  { path: 'docs/errors.md', render: () => renderCodesPage(inEnglish) },
  { path: 'docs/zh/api.md', render: () => renderReferencePage(inChinese) },
  { path: 'docs/zh/errors.md', render: () => renderCodesPage(inChinese) },
  { path: 'docs/openapi.json', render: () => `${JSON.stringify(openApiDocument(), null, 2)}\n` },
  { path: 'src/client/calls.ts', render: () => format('src/client/calls.ts', renderClientCalls()) },
];

function resultsPage(name: string): string {
  return read(`bench/results/${name}`).toString();
}

const isCheck = process.argv.includes('--check');
const stale: string[] = [];
for (const { path, render } of pages) {
  const current = read(path).toString();
  keep(path, current, render(current));
}
for (const name of kernels) {
  const path = `src/wasm/${name}.wasm`;
  const fresh = Buffer.from(await compileAssemblyScript(read(`src/wasm/${name}.as.ts`).toString()));
  keep(path, read(path).toString('base64'), fresh.toString('base64'), 'base64');
}
for (const path of stale) console.log(`${isCheck ? 'stale' : 'written'}: ${path}`);
if (isCheck && stale.length > 0) {
  console.log('Run `npm run generate` and commit what it writes.');
  process.exitCode = 1;
}

/** The current content of a file; empty if there is none. */
function read(path: string): Buffer {
  try {
    return readFileSync(new URL(path, root));
  } catch {
    return Buffer.alloc(0);
  }
}

/** Writes a file that is stale; with --check it is only listed. */
function keep(path: string, current: string, fresh: string, encoding: BufferEncoding = 'utf8'): void {
  if (fresh === current) return;
  stale.push(path);
  if (!isCheck) writeFileSync(new URL(path, root), fresh, encoding);
}

function renderSettings(): string {
  const rows = (Object.entries(settingsTable) as [SettingName, SettingRow][]).map(([name, row]) => [
    row.isSecret ? '—' : `\`${flagOf(name)} <${row.value}>\``,
    `\`${variableOf(name)}\``,
    `\`${name}\``,
    row.fallback === '' ? 'none' : `\`${row.fallback}\``,
    row.isLive ? `${row.about} Read again at SIGHUP.` : row.about,
  ]);
  return `# Settings

A flag wins over the environment, the environment over the file named by \`--config\`, the file over the default. The file
is a JSON object whose keys stand in the third column. All faults are listed at once.

SIGHUP makes a server that runs read the file named by \`--config\` again, and the files with secrets: the master key, the url of the
database (whose password may change), and certificates, which are read whenever they change. Settings of which this page says so are in
force from then on; of the others the log says that they wait for a restart. A server in a terminal ends at SIGHUP. What is set for one
appid needs no signal: [tenants.md](tenants.md).

${table(['flag', 'environment', 'in the file', 'default', 'meaning'], rows)}
`;
}

/** Formats code with the project's formatter. */
function format(path: string, code: string): string {
  const biome = fileURLToPath(new URL('node_modules/@biomejs/biome/bin/biome', root));
  return execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${path}`], {
    input: code,
    encoding: 'utf8',
  });
}
