/** Asks: how long does parsing a multipart body take, with our parser, with Node's own, and in the worst case? */
import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { parseMultipart } from '../../src/http/multipart.ts';

const boundary = '----------------------------129807085277107547966451';
const rounds = 60;

function bodyOf(parts: readonly (readonly [headers: string, content: string | Uint8Array])[]): Buffer<ArrayBuffer> {
  const pieces = parts.flatMap(([headers, content]) => [`--${boundary}\r\n${headers}\r\n\r\n`, content, '\r\n']);
  return Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece as string, 'latin1')));
}

const text = (name: string, value: string) => [`Content-Disposition: form-data; name="${name}"`, value] as const;
const picture = [
  'Content-Disposition: form-data; name="image"; filename="a.jpg"\r\nContent-Type: image/jpeg',
  randomBytes(1_500_000),
] as const;
const fill = (unit: string, bytes: number) => [text('a', '')[0], unit.repeat(Math.ceil(bytes / unit.length))] as const;

const ordinary: Record<string, Buffer<ArrayBuffer>> = {
  'a picture of 1.5 MB and three texts': bodyOf([
    text('appid', '123456'),
    text('person_id', 'p'),
    text('tag', 't'),
    picture,
  ]),
  'twenty pictures of 1.5 MB': bodyOf([text('appid', '123456'), ...Array(20).fill(picture)]),
  'forty texts': bodyOf(Array.from({ length: 40 }, (_, index) => text(`k[${index}]`, 'value'))),
};

/** Bodies that the built-in parser refuses, and bodies that are made to be slow. */
const hostile: Record<string, Buffer<ArrayBuffer>> = {
  'a thousand texts': bodyOf(Array.from({ length: 1_000 }, (_, index) => text(`k[${index}]`, 'value'))),
  'a thousand parts with headers of 16 KB': bodyOf(
    Array.from({ length: 1_000 }, () => [`${'X: y\r\n'.repeat(2_700)}${text('a', '')[0]}`, ''] as const),
  ),
  '32 MB of line ends': bodyOf([fill('\r\n', 32e6)]),
  '32 MB of boundaries that are none': bodyOf([fill(`\r\n--${boundary}x`, 32e6)]),
  '32 MB of boundaries that lack their last character': bodyOf([fill(`\n--${boundary.slice(0, -1)}`, 32e6)]),
};

const parsers: Record<string, (body: Buffer<ArrayBuffer>) => unknown> = {
  ours: (body) => parseMultipart(body, boundary),
  'Response.formData': (body) =>
    new Response(body, {
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    }).formData(),
};

const quantile = (sorted: readonly number[], q: number) =>
  (sorted[Math.floor(q * (sorted.length - 1))] ?? 0).toFixed(2);

/** Times each parser on each body, one after the other in every round. */
async function measure(bodies: Record<string, Buffer<ArrayBuffer>>, names: readonly string[]): Promise<void> {
  for (const [body, bytes] of Object.entries(bodies)) {
    const times = new Map(names.map((name) => [name, [] as number[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, taken] of times) {
        const start = performance.now();
        await parsers[name]?.(bytes);
        taken.push(performance.now() - start);
      }
    }
    console.log(`\n${body} (${(bytes.length / 1e6).toFixed(2)} MB)`);
    for (const [name, taken] of times) {
      taken.sort((a, b) => a - b);
      console.log(`  ${name.padEnd(18)} ${quantile(taken, 0.5).padStart(8)} ${quantile(taken, 0.95).padStart(8)}`);
    }
  }
}

console.log(`${process.version}, ${cpus()[0]?.model}, ${rounds} rounds, milliseconds: median and 95th percentile`);
await measure(ordinary, ['ours', 'Response.formData']);
await measure(hostile, ['ours']);
