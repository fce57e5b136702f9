/** Writes every page, or part of a page, that can be listed from the code; with --check it only says which are stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { flagOf, type SettingName, type SettingRow, settingsTable, variableOf } from '../src/app/settings.ts';
import { type RefusalRow, refusals } from '../src/errors/refusals.ts';
import { renderModelsPage } from '../src/vision/models/page.ts';
import { renderLayers } from './layers.ts';

/** A generated page: where it stands, and its text as a function of what stands there now. */
interface Page {
  readonly path: string;
  readonly render: (current: string) => string;
}

const root = new URL('../', import.meta.url);

const pages: readonly Page[] = [
  { path: 'ARCHITECTURE.md', render: (current) => replacePart(current, 'layers', renderLayers()) },
  { path: 'MODELS.md', render: renderModelsPage },
  { path: 'docs/settings.md', render: renderSettings },
  { path: 'docs/errors.md', render: renderErrors },
];

const stale = pages.filter(({ path, render }) => {
  const url = new URL(path, root);
  const current = read(url);
  const fresh = render(current);
  if (fresh === current) return false;
  if (!process.argv.includes('--check')) writeFileSync(url, fresh);
  return true;
});
for (const { path } of stale) console.log(`${process.argv.includes('--check') ? 'stale' : 'written'}: ${path}`);
if (process.argv.includes('--check') && stale.length > 0) {
  console.log('Run `npm run generate` and commit what it writes.');
  process.exitCode = 1;
}

function read(url: URL): string {
  try {
    return readFileSync(url, 'utf8');
  } catch {
    return '';
  }
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
function replacePart(page: string, name: string, part: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`the page has no part between ${open} and ${close}`);
  return `${page.slice(0, start + open.length)}\n${part}\n${page.slice(end)}`;
}

function renderSettings(): string {
  const rows = (Object.entries(settingsTable) as [SettingName, SettingRow][]).map(
    ([name, row]) =>
      `| \`${flagOf(name)} <${row.value}>\` | \`${variableOf(name)}\` | \`${name}\` | ${row.fallback === '' ? 'none' : `\`${row.fallback}\``} | ${row.about} |`,
  );
  return `# Settings

A flag wins over the environment, the environment over the file named by \`--config\`, the file over the default. The file
is a JSON object whose keys stand in the third column. All faults are listed at once.

| flag | environment | in the file | default | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

function renderErrors(): string {
  const rows = Object.values(refusals).map(
    (row: RefusalRow) => `| ${row.code} | ${row.status} | \`${row.message}\` | ${row.when} |`,
  );
  return `# Codes

Every answer is \`{"code":…,"message":…,"data":…}\`; code 0 is success. The message is the text below, followed by
particulars where they help.

| code | HTTP status | message | when |
|---|---|---|---|
${rows.join('\n')}
`;
}
