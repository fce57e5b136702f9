/**
 * Measures face analysis on labelled photographs, as a whole and as it ships:
 * `npm run eval -- --data <folder> [--json] [--write] [--models <folder>] [--workers 2] [measure …]`, or a running server:
 * `npm run eval -- --data <folder> --against <url> --appid <appid> --secret-id <id> [measure …]`, with the SecretKey in
 * `FAMILIAR_EVAL_SECRET_KEY`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { showProgress } from '../../src/cli/progress.ts';
import { openFaceAnalyzer } from '../../src/vision/pool/analyzer.ts';
import { writePlots } from '../plots/plot.ts';
import {
  type AnalyzePicture,
  analyzeAll,
  analyzeHere,
  asDetect,
  type DescribedFace,
  type PictureResult,
} from './analyses.ts';
import { type Evidence, peopleOf, wireEvidence } from './evidence.ts';
import type { Findings } from './figures.ts';
import { givenOf } from './given.ts';
import { hasManifest, pathsOf, type Row, readManifest } from './manifests.ts';
import { type Measure, measures } from './measures.ts';
import { type Report, renderLines, renderPage, renderThresholds } from './report.ts';
import { analyzeThere, openWire } from './wire.ts';

const cache = fileURLToPath(new URL('../../node_modules/.cache/familiar-models', import.meta.url));
const { values, positionals } = parseArgs({
  options: {
    data: { type: 'string' },
    models: { type: 'string', default: cache },
    workers: { type: 'string', default: '2' },
    against: { type: 'string' },
    appid: { type: 'string' },
    'secret-id': { type: 'string' },
    about: { type: 'string' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const { data, against } = values;
if (!data)
  throw new Error('give --data, a folder with photographs and manifests/*.csv; docs/eval.md shows what comes of it');
const unknown = positionals.filter((name) => !(name in measures));
if (unknown.length > 0)
  throw new Error(`no measure is called ${unknown.join(', ')}; there are: ${Object.keys(measures).join(', ')}`);
if (values.write && (positionals.length > 0 || against))
  throw new Error(
    'give --write without measures and without --against: the page tells of all measures, as the networks ship',
  );
const workers = Number(values.workers);

const chosen = Object.entries(measures).filter(([name]) => positionals.length === 0 || positionals.includes(name));
const manifests = [...new Set(chosen.flatMap(([, measure]) => measure.manifests))];
const known = new Map<string, readonly Row[]>();
const report = await (against ? measureServer(data, against) : measureNetworks(data));
if (values.write) {
  writePage('eval.md', () => renderPage(report, `${about()} It was given:${values.about ? ` ${values.about}` : ''}`));
  writePage('identify.md', (page) => renderThresholds(page, report, about()));
  await writePlots(Object.values(report.findings).flatMap(({ plots = [] }) => plots));
}
const printed = (key: string, value: unknown): unknown => (key === 'plots' ? undefined : value);
process.stdout.write(values.json ? `${JSON.stringify(report, printed, 2)}\n` : renderLines(report));

/** The lines of a manifest; none if it is not there. */
function rows(manifest: string): readonly Row[] {
  const found = known.get(manifest) ?? (hasManifest(data!, manifest) ? readManifest(data!, manifest) : []);
  known.set(manifest, found);
  return found;
}

async function measureNetworks(folder: string): Promise<Report> {
  await using analyzer = await openFaceAnalyzer({
    modelsFolder: values.models,
    workers,
    queueMax: 2 * workers,
    deadlineMs: 60_000,
    pixelsMax: 40_000_000,
  });
  const analysed = await analyzeThem((picture) => analyzeHere(analyzer, picture));
  const evidence = {
    ...common(folder),
    analyzer,
    analysed,
    boxesOf: async (picture: Uint8Array) => {
      const { faces, others } = await analyzer.analyze(picture, asDetect);
      return [...faces.map(({ box }) => box), ...others];
    },
  };
  // Awaited here: the analyzer is closed when this function ends.
  return await reportOf(analysed, ({ here }) => here(evidence));
}

async function measureServer(folder: string, url: string): Promise<Report> {
  const { appid, 'secret-id': secretId } = values;
  const secretKey = process.env.FAMILIAR_EVAL_SECRET_KEY;
  if (!appid || !secretId || !secretKey)
    throw new Error('give --appid and --secret-id with --against, and the SecretKey in FAMILIAR_EVAL_SECRET_KEY');
  const client = openWire({ url, appid, secretId, secretKey });
  const analysed = await analyzeThem((picture) => analyzeThere(client, picture));
  const boxesOf = async (picture: Uint8Array<ArrayBuffer>) => (await analyzeThere(client, picture)).boxes;
  const evidence = wireEvidence({ ...common(folder), analysed, boxesOf }, client);
  return reportOf(analysed, ({ there }) => there?.(evidence));
}

function common(folder: string): Pick<Evidence, 'data' | 'rows' | 'people' | 'abreast'> {
  return { data: folder, rows, people: peopleOf(rows('pairs')), abreast: workers };
}

async function analyzeThem<F extends DescribedFace>(
  analyze: AnalyzePicture<F>,
): Promise<ReadonlyMap<string, PictureResult<F>>> {
  const paths = new Set(manifests.flatMap((name) => pathsOf(rows(name))));
  const progress = showProgress({ errors: process.stderr }, 'analysing the pictures', 30_000);
  const analysed = await analyzeAll(analyze, data!, paths, workers, (done) => progress.update(done, paths.size));
  progress.stop();
  return analysed;
}

/** Takes every measure for which there are labels. */
async function reportOf(
  analysed: ReadonlyMap<string, PictureResult>,
  take: (measure: Measure) => Findings | undefined | Promise<Findings | undefined>,
): Promise<Report> {
  const findings: Record<string, Findings> = {};
  for (const [name, measure] of chosen) {
    if (!measure.manifests.some((manifest) => rows(manifest).length > 0)) continue;
    const found = await take(measure);
    if (found && found.figures.length + (found.grids?.length ?? 0) + found.remarks.length > 0) findings[name] = found;
  }
  const there = manifests.filter((name) => hasManifest(data!, name));
  return {
    findings,
    given: there.map((name) => givenOf(data!, name, rows(name), analysed)),
    missingManifests: manifests.filter((name) => !there.includes(name)),
    missingPictures: [...analysed].filter(([, { missing }]) => missing).map(([path]) => path),
  };
}

function writePage(name: string, render: (page: string) => string): void {
  const file = new URL(`../../docs/${name}`, import.meta.url);
  writeFileSync(file, render(readFileSync(file, 'utf8')));
}

/** Where and with what it was measured. */
function about(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const [processor] = cpus();
  return `Measured ${new Date().toISOString().slice(0, 10)} at commit ${commit}, ${workers} workers on ${cpus().length} cores (${processor?.model ?? 'unknown'}).`;
}
