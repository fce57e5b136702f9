/**
 * Measures the eye on labelled photographs, whole as it ships:
 * `npm run eval -- --data <folder> [--json] [--models <folder>] [--workers 2] [measure …]`.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openEyes } from '../../src/vision/eyes.ts';
import { gazeAll } from './gaze.ts';
import { readManifest } from './manifests.ts';
import {
  age,
  detection,
  expression,
  gender,
  glasses,
  nearDuplicates,
  oddFiles,
  pose,
  timings,
  verification,
} from './measures.ts';

/** The measures, and the manifests whose pictures they need. */
const measures = {
  verification: { measure: verification, manifests: ['pairs'] },
  nearDuplicates: { measure: nearDuplicates, manifests: ['near_dups'] },
  gender: { measure: gender, manifests: ['gender', 'ages'] },
  glasses: { measure: glasses, manifests: ['glasses'] },
  expression: { measure: expression, manifests: ['smile', 'smile_degree'] },
  age: { measure: age, manifests: ['ages'] },
  pose: { measure: pose, manifests: ['pose'] },
  detection: { measure: detection, manifests: ['detection'] },
  oddFiles: { measure: oddFiles, manifests: ['odd'] },
  timings: { measure: timings, manifests: [] },
} as const;

const { values, positionals } = parseArgs({
  options: {
    data: { type: 'string' },
    models: {
      type: 'string',
      default: fileURLToPath(new URL('../../node_modules/.cache/familiar-models', import.meta.url)),
    },
    workers: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const { data, models } = values;
if (!data) throw new Error('give --data, a folder of photographs with their manifests');

const wanted = Object.entries(measures).filter(([name]) => positionals.length === 0 || positionals.includes(name));
const workers = Number(values.workers);
await using eyes = await openEyes({
  modelsFolder: models,
  workers,
  queueMax: workers,
  deadlineMs: 60_000,
  pixelsMax: 40_000_000,
});
const paths = wanted
  .flatMap(([, { manifests }]) => manifests)
  .flatMap((manifest) => readManifest(data, manifest))
  .flatMap(({ path, pathA, pathB }) => [path, pathA, pathB].filter((value) => value !== undefined));
const gazes = await gazeAll(eyes, data, paths, workers);
const evidence = { eyes, rows: (manifest: string) => readManifest(data, manifest), gazes };
const found = wanted.map(([name, { measure }]) => [name, measure(evidence)] as const);
if (values.json) process.stdout.write(`${JSON.stringify(Object.fromEntries(found), null, 2)}\n`);
else {
  for (const [name, figures] of found) {
    process.stdout.write(`${name}\n`);
    for (const [figure, value] of Object.entries(figures)) process.stdout.write(`  ${figure}: ${value}\n`);
  }
}
