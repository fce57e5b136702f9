import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../src/errors/refusals.ts';
import { parseBody } from '../../src/http/body.ts';

const folder = new URL('../conformance/recordings/', import.meta.url);
const expected: Record<string, Record<string, unknown>> = JSON.parse(
  readFileSync(new URL('fields.json', folder), 'utf8'),
);
const files = Object.keys(expected);

/** A request's content type and body; placeholders are still in it. */
function recording(file: string): { contentType: string; body: Buffer } {
  const bytes = readFileSync(new URL(file, folder));
  const end = bytes.indexOf('\r\n\r\n');
  const contentType = /^content-type:(.*)$/im.exec(bytes.toString('latin1', 0, end))?.[1];
  return { contentType: contentType?.trim() ?? '', body: bytes.subarray(end + 4) };
}

/** The body with a picture in every place for one. */
function withPicture(body: Buffer, picture: Buffer): Buffer {
  const text = body.toString('latin1').replaceAll('{PICTURE_LENGTH}', String(picture.length));
  return Buffer.from(
    text.replaceAll('{PICTURE}', () => picture.toString('latin1')),
    'latin1',
  );
}

/** The fields as `fields.json` gives them, with the bytes of a picture where it has the placeholder. */
function fieldsOf(contentType: string, body: Buffer, picture: Buffer): unknown {
  const { kind, fields } = parseBody(contentType, body);
  if (kind === 'json') return Object.fromEntries(fields);
  const read = (value: Uint8Array) => (picture.equals(value) ? '{PICTURE}' : new TextDecoder().decode(value));
  return Object.fromEntries([...fields].map(([name, values]) => [name, values.map(read)]));
}

/** Pictures that tempt a parser: every byte, line ends in every place, and what looks like a boundary. */
function pictures(contentType: string): Buffer[] {
  const boundary = /boundary=(.*)$/.exec(contentType)?.[1] ?? 'none';
  const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const lookalikes = `\r\n--\r\n--${boundary}x\r\n\n--${boundary} \t-\r\n${boundary}--\r\n x--${boundary}\r\n-`;
  const tempting = Buffer.concat([
    every,
    Buffer.from(lookalikes, 'latin1'),
    randomBytes(5_000),
    Buffer.from(every).reverse(),
  ]);
  return [
    tempting,
    Buffer.concat([Buffer.from('\r\n'), tempting, Buffer.from('\r\n')]),
    Buffer.concat([Buffer.from('\n'), tempting, Buffer.from('\r')]),
    Buffer.concat([Buffer.from('--'), tempting, Buffer.from('\r\n\r\n--')]),
  ];
}

suite('bodies that real clients sent', () => {
  test('all recordings are covered', () => {
    const recorded = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.http'),
    );
    assert.deepEqual(recorded.sort(), [...files].sort());
    assert.equal(files.length, 112);
  });

  for (const file of files) {
    test(`${file} gives every field, and its pictures byte for byte`, () => {
      const { contentType, body } = recording(file);
      for (const picture of pictures(contentType)) {
        assert.deepEqual(fieldsOf(contentType, withPicture(body, picture), picture), expected[file]);
      }
    });
  }

  test('lines that end in LF alone, and names with a trailing semicolon, mean the same', () => {
    for (const file of files) {
      const { contentType, body } = recording(file);
      if (!contentType.startsWith('multipart')) continue;
      const text = body.toString('latin1').replaceAll('\r\n', '\n');
      const semicolons = text.replace(/(name="[^"]*")$/gm, '$1;');
      assert.notEqual(semicolons, text);
      for (const picture of pictures(contentType)) {
        const written = withPicture(Buffer.from(semicolons, 'latin1'), picture);
        assert.deepEqual(fieldsOf(contentType, written, picture), expected[file], file);
      }
    }
  });

  test('a damaged body is read or refused as an invalid request, and nothing else happens', () => {
    const damage = fc.record({
      file: fc.constantFrom(...files),
      cutAt: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      edits: fc.array(
        fc.record({
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          remove: fc.integer({ min: 0, max: 40 }),
          insert: fc.oneof(
            fc.uint8Array({ maxLength: 8 }),
            fc.constantFrom('\r\n', '\n', '--', '"', '[]', ';').map((text) => Buffer.from(text)),
          ),
        }),
        { maxLength: 5 },
      ),
    });
    fc.assert(
      fc.property(damage, ({ file, cutAt, edits }) => {
        const { contentType, body } = recording(file);
        let bytes = body.subarray(0, Math.floor((cutAt ?? 1) * body.length));
        for (const { at, remove, insert } of edits) {
          const from = Math.floor(at * bytes.length);
          bytes = Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)]);
        }
        readOrRefuse(contentType, bytes);
      }),
      { numRuns: 3_000 },
    );
  });
});

function readOrRefuse(contentType: string, bytes: Buffer): void {
  try {
    parseBody(contentType, bytes);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.refusal, 'invalidRequest');
    assert.notEqual(error.detail, '');
  }
}
