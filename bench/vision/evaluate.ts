/**
 * Measures face analysis on labelled photographs, as a whole and as it ships:
 * `npm run eval -- --data <folder> [--json] [--write] [--models <folder>] [--workers 2] [measure …]`.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { showProgress } from '../../src/cli/progress.ts';
import { openFaceAnalyzer } from '../../src/vision/pool/analyzer.ts';
import { analyzeAll } from './analyses.ts';
import { copies } from './copies.ts';
import { age, gender, glasses, pose, smile } from './description.ts';
import { detection, oddFiles, refusals, timings } from './detection.ts';
import { type Evidence, peopleOf } from './evidence.ts';
import type { Findings } from './figures.ts';
import { identification } from './identification.ts';
import { hasManifest, pathsOf, type Row, readManifest } from './manifests.ts';
import { verification } from './recognition.ts';
import { type Report, renderLines, renderPage } from './report.ts';
import { staged } from './staged.ts';

/** The measures, each with the manifests of which it needs at least one. */
const measures: Readonly<
  Record<
    string,
    { readonly measure: (evidence: Evidence) => Findings | Promise<Findings>; readonly manifests: readonly string[] }
  >
> = {
  verification: { measure: verification, manifests: ['pairs'] },
  identification: { measure: identification, manifests: ['pairs'] },
  'near-duplicates': { measure: copies, manifests: ['near_dups', 'sessions', 'pairs', 'pose'] },
  detection: { measure: detection, manifests: ['detection'] },
  'small and turned faces': { measure: (evidence) => staged(evidence, workers), manifests: ['pairs'] },
  gender: { measure: gender, manifests: ['gender', 'ages'] },
  age: { measure: age, manifests: ['ages'] },
  smile: { measure: smile, manifests: ['smile', 'smile_degree'] },
  glasses: { measure: glasses, manifests: ['glasses'] },
  pose: { measure: pose, manifests: ['pose'] },
  refusals: { measure: refusals, manifests: ['pairs', 'gender', 'ages', 'smile', 'glasses', 'pose'] },
  'odd files': { measure: oddFiles, manifests: ['odd'] },
  timings: { measure: timings, manifests: ['pairs', 'gender', 'ages', 'detection'] },
};

const cache = fileURLToPath(new URL('../../node_modules/.cache/familiar-models', import.meta.url));
const { values, positionals } = parseArgs({
  options: {
    data: { type: 'string' },
    models: { type: 'string', default: cache },
    workers: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const { data } = values;
if (!data)
  throw new Error('give --data, a folder with photographs and manifests/*.csv; docs/eval.md shows what comes of it');
const unknown = positionals.filter((name) => !(name in measures));
if (unknown.length > 0)
  throw new Error(`no measure is called ${unknown.join(', ')}; there are: ${Object.keys(measures).join(', ')}`);
if (values.write && positionals.length > 0)
  throw new Error('give --write without measures: the page tells of all of them');
const workers = Number(values.workers);

const report = await evaluate(data);
if (values.write) writeFileSync(new URL('../../docs/eval.md', import.meta.url), renderPage(report, about()));
process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : renderLines(report));

async function evaluate(folder: string): Promise<Report> {
  const wanted = Object.entries(measures).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  const manifests = [...new Set(wanted.flatMap(([, { manifests }]) => manifests))];
  const rows = new Map(
    manifests.filter((name) => hasManifest(folder, name)).map((name) => [name, readManifest(folder, name)]),
  );
  const paths = [...new Set([...rows.values()].flatMap((own) => pathsOf(own)))];
  await using analyzer = await openFaceAnalyzer({
    modelsFolder: values.models,
    workers,
    queueMax: 2 * workers,
    deadlineMs: 60_000,
    pixelsMax: 40_000_000,
  });
  const progress = showProgress({ errors: process.stderr }, 'analysing the pictures', 30_000);
  const analysed = await analyzeAll(analyzer, folder, paths, workers, (done) => progress.update(done, paths.length));
  progress.stop();
  const of = (manifest: string): readonly Row[] => rows.get(manifest) ?? [];
  const evidence: Evidence = { analyzer, data: folder, rows: of, analysed, people: peopleOf(of('pairs')) };
  const findings: Record<string, Findings> = {};
  for (const [name, { measure, manifests }] of wanted) {
    if (manifests.some((manifest) => rows.has(manifest))) findings[name] = await measure(evidence);
  }
  return {
    findings,
    missingManifests: manifests.filter((name) => !rows.has(name)),
    missingPictures: paths.filter((path) => analysed.get(path)?.missing),
  };
}

/** Where and on what it was measured. */
function about(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const [processor] = cpus();
  return `Measured ${new Date().toISOString().slice(0, 10)} at commit ${commit}, ${workers} workers on ${cpus().length} cores (${processor?.model ?? 'unknown'}). The photographs for development: half of the people of Labeled Faces in the Wild (pairs, gender, smile, glasses), UTKFace (ages), DrivFace (yaw), edits and groups of photographs in the public domain.`;
}
