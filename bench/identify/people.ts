/** Embeds photographs that are sorted into one folder per person, and stores the embeddings for the next run. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFaceAnalyzer } from '../../src/vision/pool/analyzer.ts';
import { analyzeAll } from '../vision/analyses.ts';

/** A person with the embeddings of the person's photographs. */
export interface Subject {
  readonly name: string;
  readonly embeddings: readonly Float32Array[];
}

/** Where the photographs and the networks are, and where embeddings are stored. */
export interface Gathering {
  readonly data: string;
  readonly models: string;
  /** A file; made if it is not there. */
  readonly cache: string;
  /** Photographs of one person at most. */
  readonly picturesMax: number;
}

/** The people of `lfw/` of whom there are two photographs or more; photographs without a face are left out. */
export async function gather({ data, models, cache, picturesMax }: Gathering): Promise<readonly Subject[]> {
  if (!existsSync(cache)) writeFileSync(cache, JSON.stringify(await embedAll(data, models, picturesMax)));
  const stored = JSON.parse(readFileSync(cache, 'utf8')) as Record<string, string>;
  const byName = Map.groupBy(Object.entries(stored), ([path]) => path.split('/')[1]!);
  return [...byName].map(([name, pictures]) => ({
    name,
    embeddings: pictures.map(([, text]) => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)),
  }));
}

async function embedAll(data: string, models: string, picturesMax: number): Promise<Record<string, string>> {
  const paths = readdirSync(join(data, 'lfw')).flatMap((name) => {
    const pictures = readdirSync(join(data, 'lfw', name))
      .sort()
      .slice(0, picturesMax);
    return pictures.length < 2 ? [] : pictures.map((picture) => join('lfw', name, picture));
  });
  const options = { workers: 1, queueMax: 1, deadlineMs: 60_000, pixelsMax: 40_000_000 };
  await using analyzer = await openFaceAnalyzer({ modelsFolder: models, ...options });
  const analysed = await analyzeAll(analyzer, data, paths, 1);
  const embeddings = [...analysed].flatMap(([path, { face }]) => (face === undefined ? [] : [[path, face.embedding]]));
  return Object.fromEntries(
    (embeddings as [string, Float32Array][]).map(([path, embedding]) => [
      path,
      Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength).toString('base64'),
    ]),
  );
}
