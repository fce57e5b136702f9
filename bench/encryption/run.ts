/**
 * Asks: what does encryption cost? One thread encrypts and decrypts values as large as those of a register, and an index
 * is filled from a register of made-up people: `node bench/encryption/run.ts [FACES]` writes bench/results/encryption.md.
 * The longest way, from photographs over HTTP, is what `npm run bench` measures.
 */
import { generateKeySync, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { decryptBatch } from '../../src/store/encryption/batch.ts';
import { decrypt, encrypt, type Place } from '../../src/store/encryption/cipher.ts';
import { openIndexSync } from '../../src/sync/index-sync.ts';
import { embeddingLength as dimension } from '../../src/vision/pipeline/embed.ts';
import { table } from '../../tools/markdown.ts';
import { prepare } from '../identify/subject.ts';
import { number } from '../search/figures.ts';
import { median } from '../statistics.ts';

const faces = Number(process.argv[2] ?? 300_000);
const model = 'a'.repeat(64);
const rounds = 9;
const valuesARound = 5_000;
const key = generateKeySync('aes', { length: 256 });

const values: Readonly<Record<string, { readonly bytes: number; readonly place: Place }>> = {
  'a SecretKey, 32 bytes': { bytes: 32, place: ['keys', `AKID${'x'.repeat(32)}`] },
  [`an embedding, ${4 * dimension} bytes`]: {
    bytes: 4 * dimension,
    place: ['embeddings', '1000000000000000000', model],
  },
  'a crop, 6 KiB': { bytes: 6 * 1024, place: ['crops', '1000000000000000000'] },
};

const costs = Object.entries(values).map(([name, { bytes, place }]) => {
  const plain = randomBytes(bytes);
  const value = encrypt(key, plain, place);
  const encrypting = microseconds(() => encrypt(key, plain, place));
  return [name, encrypting.toFixed(1), microseconds(() => decrypt(key, value, place)).toFixed(1)];
});
costs.push([`an embedding of a batch of 1,000, ${4 * dimension} bytes`, '–', batchCost().toFixed(1)]);
const filled = await fillings();

const page = fileURLToPath(new URL('../results/encryption.md', import.meta.url));
writeFileSync(
  page,
  `# What encryption costs

Written by \`node bench/encryption/run.ts ${faces}\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}.

Processor time of one value, medians of ${rounds} rounds of ${number(valuesARound)}:

${table(['value', 'encrypt, µs', 'decrypt, µs'], costs)}

An index is filled from ${number(faces)} faces of made-up people, ${dimension} numbers each, at ${number(Math.max(...filled))} faces a second (best of
${filled.length}; all: ${filled.map(number).join(', ')}). Reading, decrypting and filing take turns on ${cpus().length} cores.
`,
);
console.log(`written: ${page}`);

/** Median processor time of a call, in microseconds. */
function microseconds(call: () => void, calls = valuesARound): number {
  return median(
    Array.from({ length: rounds }, () => {
      const begun = process.cpuUsage();
      for (let i = 0; i < calls; i++) call();
      const { user, system } = process.cpuUsage(begun);
      return (user + system) / calls;
    }),
  );
}

/** Median processor time of one of the embeddings that are decrypted together when an index is filled, in microseconds. */
function batchCost(): number {
  const count = 1_000;
  const faceIds = Array.from({ length: count }, (_, i) => String(10n ** 18n + BigInt(i) * 2048n));
  const each = faceIds.map((id) => encrypt(key, randomBytes(4 * dimension), ['embeddings', id, model]));
  const whole = new Uint8Array(Buffer.concat(each));
  const batch = {
    key,
    model,
    faceIds: JSON.stringify(faceIds),
    lengths: JSON.stringify(each.map(({ length }) => length)),
  };
  // It is decrypted in place, so each time is of a copy.
  const copies = Array.from({ length: valuesARound / count }, () => whole.slice());
  return (
    microseconds(() => {
      for (const values of copies) {
        values.set(whole);
        decryptBatch({ ...batch, values });
      }
    }, 1) / valuesARound
  );
}

/** Faces a second of each filling of an index. */
async function fillings(): Promise<number[]> {
  const nothing = mkdtempSync(join(tmpdir(), 'familiar-models-'));
  const sight = { folder: nothing, model, dimension, [Symbol.asyncDispose]: async () => {} };
  await using folder = await prepare(sight, { faces, groupsOf: () => ['everybody'] });
  const rates: number[] = [];
  for (let i = 0; i < 4; i++) {
    await using stores = await openData(readSettings({ data: folder.data }, undefined, {}));
    const begun = performance.now();
    const onFault = (error: unknown): never => {
      throw error;
    };
    await using sync = await openIndexSync({ stores, analyzer: { model, dimension }, onFault });
    await sync.ready;
    rates.push(Math.round(faces / ((performance.now() - begun) / 1000)));
  }
  return rates;
}
