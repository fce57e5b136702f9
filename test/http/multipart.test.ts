import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../src/errors/refusals.ts';
import { parseMultipart } from '../../src/http/multipart.ts';

const boundary = 'AaB03x';

/** A body of parts given by their headers and content. */
function bodyOf(parts: readonly (readonly [headers: string, content: string | Uint8Array])[], eol = '\r\n'): Buffer {
  const pieces = parts.flatMap(([headers, content]) => [`--${boundary}${eol}${headers}${eol}${eol}`, content, eol]);
  return Buffer.concat([...pieces, `--${boundary}--${eol}`].map((piece) => Buffer.from(piece as string, 'latin1')));
}

const named = (name: string) => `Content-Disposition: form-data; name="${name}"`;

/** Parses, and turns the values into text. */
function textsOf(body: Buffer | string): Record<string, string[]> {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  const fields = parseMultipart(bytes, boundary);
  return Object.fromEntries([...fields].map(([name, values]) => [name, values.map((value) => String(value))]));
}

function assertRefused(body: Buffer | string, detail: RegExp, withBoundary = boundary): void {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  assert.throws(
    () => parseMultipart(bytes, withBoundary),
    (error) => error instanceof Refusal && error.refusal === 'invalidRequest' && detail.test(error.detail),
  );
}

suite('how a part may be written', () => {
  const headers: Record<string, string> = {
    'with a file name and no type': 'Content-Disposition: form-data; name="a"; filename="a"',
    'with a path as its file name': 'Content-Disposition: form-data; filename="C:\\pictures\\a.jpg"; name="a"',
    'with a file name that looks like a parameter': 'Content-Disposition: form-data; filename="; name=b"; name="a"',
    'with a file name that is not ASCII': 'Content-Disposition: form-data; filename="\xe5\x90\x8d"; name="a"',
    'with a length of its own': `${named('a')}\r\nContent-Length: 5`,
    'with a wrong length of its own': `Content-Length: 99\r\n${named('a')}`,
    'with a transfer encoding': `${named('a')}\r\nContent-Transfer-Encoding: 8bit`,
    'with a type': `Content-Type: image/jpg\r\n${named('a')}`,
    'with a trailing semicolon': `${named('a')};`,
    'with an unquoted name': 'Content-Disposition: form-data; name=a',
    'with headers in lower case': 'content-disposition:form-data;name="a"',
    'with headers in upper case': 'CONTENT-DISPOSITION: FORM-DATA; NAME="a"',
    'with a folded header': 'Content-Disposition: form-data;\r\n\tname="a"',
  };
  for (const [how, header] of Object.entries(headers)) {
    test(how, () => assert.deepEqual(textsOf(bodyOf([[header, 'value']])), { a: ['value'] }));
  }

  test('with neither content nor a line for it', () => {
    assert.deepEqual(textsOf(`--AaB03x\r\n${named('a')}\r\n\r\n--AaB03x--`), { a: [''] });
    assert.deepEqual(textsOf(`--AaB03x\n${named('a')}\n\n--AaB03x\n${named('b')}\n\n\n--AaB03x--`), {
      a: [''],
      b: [''],
    });
    assert.deepEqual(textsOf(bodyOf([[named('a'), '']])), { a: [''] });
  });

  test('between a preamble and an epilogue', () => {
    const body = bodyOf([[named('a'), 'value']]).toString('latin1');
    for (const preamble of ['', '\r\n', 'This is a multipart message.\r\n', 'x--AaB03x\r\n', '--AaB03xy\r\n\n']) {
      for (const epilogue of ['', '\r\n', 'The end', `--AaB03x\r\n${named('b')}\r\n\r\nlate\r\n--AaB03x--`]) {
        assert.deepEqual(textsOf(preamble + body + epilogue), { a: ['value'] }, JSON.stringify([preamble, epilogue]));
      }
    }
  });

  test('with padding after the boundary', () => {
    assert.deepEqual(textsOf(`--AaB03x \t\r\n${named('a')}\r\n\r\nvalue\r\n--AaB03x--  `), { a: ['value'] });
  });

  test('not at all: a body of no parts has no fields', () => {
    assert.deepEqual(textsOf('--AaB03x--\r\n'), {});
  });
});

suite('arrays', () => {
  const sent = (...names: string[]) => textsOf(bodyOf(names.map((name, index) => [named(name), String(index)])));

  test('every spelling is the same field, in order', () => {
    assert.deepEqual(sent('k', 'k', 'k'), { k: ['0', '1', '2'] });
    assert.deepEqual(sent('k[]', 'k[]', 'k[]'), { k: ['0', '1', '2'] });
    assert.deepEqual(sent('k[0]', 'k[1]', 'k[2]'), { k: ['0', '1', '2'] });
  });

  test('numbers decide, with gaps, and beyond ten', () => {
    assert.deepEqual(sent('k[10]', 'k[9]', 'k[700]', 'k[0]'), { k: ['3', '1', '0', '2'] });
  });

  test('in a mixture the numbered come first, and equals keep the order sent', () => {
    assert.deepEqual(sent('k', 'k[1]', 'k[]', 'k[0]', 'k[1]'), { k: ['3', '1', '4', '0', '2'] });
  });

  test('other brackets are part of the name', () => {
    for (const name of ['k[x]', 'k[-1]', 'k[0', 'k[0]x', '[]', '[0]', 'k[1234567890]']) {
      assert.deepEqual(sent(name), { [name]: ['0'] });
    }
  });

  test('a name that objects have of their own is a name like others', () => {
    const fields = parseMultipart(bodyOf([[named('__proto__'), '1']]), boundary);
    assert.deepEqual([...fields.keys()], ['__proto__']);
    assert.equal(parseMultipart(bodyOf([]), boundary).get('constructor'), undefined);
  });
});

suite('what is refused', () => {
  test('no boundary, or one that is too long', () => {
    assertRefused(bodyOf([]), /has no multipart boundary/, '');
    assertRefused(bodyOf([]), /longer than 70/, 'a'.repeat(71));
  });

  test('a body in which the boundary does not occur on a line of its own', () => {
    for (const body of ['', '{}', 'AaB03x', '--AaB03', 'x--AaB03x--', '--AaB03xy--']) {
      assertRefused(body, /does not occur/);
    }
  });

  test('a body that is cut off, wherever', () => {
    const whole = bodyOf([[named('a'), 'value']]).toString('latin1');
    for (let length = '--AaB03x\r\n'.length; length < whole.length - '--\r\n'.length + 2; length++) {
      assertRefused(whole.slice(0, length), /cut off|do not end/);
    }
  });

  test('a part without a name', () => {
    for (const header of ['Content-Type: text/plain', 'Content-Disposition: form-data', 'X: y', '', 'name="a"']) {
      assertRefused(bodyOf([[header, 'value']]), /part 1 has no Content-Disposition with a name/);
    }
  });

  test('headers that run into the next boundary', () => {
    assertRefused(`--AaB03x\r\n${named('a')}\r\n--AaB03x\r\n${named('b')}\r\n\r\n1\r\n--AaB03x--`, /do not end/);
  });

  test('more headers than 16 KB, and more parts than 1,000', () => {
    assert.deepEqual(textsOf(bodyOf([[`X: ${'y'.repeat(16_000)}\r\n${named('a')}`, '1']])), { a: ['1'] });
    assertRefused(bodyOf([[`X: ${'y'.repeat(16_384)}\r\n${named('a')}`, '1']]), /do not end within 16384 bytes/);
    const many = (count: number) => bodyOf(Array.from({ length: count }, () => [named('a'), '1'] as const));
    assert.deepEqual(textsOf(many(1_000)), { a: Array(1_000).fill('1') });
    assertRefused(many(1_001), /more than 1000 parts/);
  });
});

test('values are views of the body', () => {
  const body = bodyOf([[named('a'), 'value']]);
  const value = parseMultipart(body, boundary).get('a')?.[0];
  assert.equal(value?.buffer, body.buffer);
});

test('a body that almost is its boundary over and over takes linear time', () => {
  // Were it quadratic, four million bytes would take hours.
  const lookalikes = `\r\n--AaB03x${' '.repeat(50)}-`.repeat(70_000);
  assert.deepEqual(textsOf(bodyOf([[named('a'), lookalikes]])), { a: [lookalikes] });
  const dashes = Buffer.from(`--${'-'.repeat(70)}x`.repeat(50_000));
  assertRefused(dashes, /does not occur/, '-'.repeat(70));
});

suite('laws', () => {
  const token = fc.stringMatching(/^[a-z_]{1,8}$/);
  const spelling = fc.constantFrom<'repeated' | 'brackets' | 'numbers'>('repeated', 'brackets', 'numbers');
  const extra = fc.subarray(['Content-Type: image/jpg', 'Content-Length: 3', 'Content-Transfer-Encoding: 8bit'], {
    minLength: 0,
  });
  const written = fc.record({
    fields: fc.uniqueArray(
      fc.tuple(token, fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 4 }), spelling),
      {
        selector: ([name]) => name,
        maxLength: 6,
      },
    ),
    delimiter: fc.stringMatching(/^[-0-9A-Za-z'()+_,./:=?]{1,70}$/),
    eol: fc.constantFrom('\r\n', '\n'),
    extra,
    fileNames: fc.boolean(),
    semicolons: fc.boolean(),
    preamble: fc.constantFrom('', 'preamble'),
    epilogue: fc.constantFrom('', 'epilogue'),
  });

  test('the fields are the same however they are written', () => {
    fc.assert(
      fc.property(written, ({ fields, delimiter, eol, extra, fileNames, semicolons, preamble, epilogue }) => {
        const pieces: (string | Uint8Array)[] = [preamble === '' ? '' : preamble + eol];
        for (const [name, values, spelled] of fields) {
          values.forEach((value, index) => {
            const suffix = { repeated: '', brackets: '[]', numbers: `[${index * 3}]` }[spelled];
            const file = fileNames ? `; filename="/a/${name}"` : '';
            const disposition = named(name + suffix) + file + (semicolons ? ';' : '');
            pieces.push(`--${delimiter}${eol}${[disposition, ...extra].join(eol)}${eol}${eol}`, value, eol);
          });
        }
        pieces.push(`--${delimiter}--${eol}${epilogue}`);
        fc.pre(!fields.some(([, values]) => values.some((value) => Buffer.from(value).includes(`--${delimiter}`))));
        const body = Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
        const parsed = [...parseMultipart(body, delimiter)];
        assert.deepEqual(
          parsed.map(([name, values]) => [name, values.map((value) => Buffer.from(value).toString('hex'))]),
          fields.map(([name, values]) => [name, values.map((value) => Buffer.from(value).toString('hex'))]),
        );
      }),
    );
  });

  test('any bytes are read or refused, and nothing else happens', () => {
    const scrap = fc.constantFrom(
      '--AaB03x',
      '--',
      '\r\n',
      '\n',
      '\r',
      named('a'),
      named('a[1]'),
      ';',
      '"',
      ' ',
      'Content-',
    );
    const pieces = fc.array(
      fc.oneof(
        scrap.map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 9 }),
      ),
    );
    fc.assert(
      fc.property(pieces, (scraps) => {
        try {
          parseMultipart(Buffer.concat(scraps), boundary);
        } catch (error) {
          assert.ok(error instanceof Refusal && error.refusal === 'invalidRequest', String(error));
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

test('a boundary is a delimiter only at the end of its line: other bytes behind it are content', () => {
  for (const behind of ['\r', '\rx', 'x', ' x', '\t\rx', '-', '-x']) {
    const content = `before\r\n--${boundary}${behind}after`;
    assert.deepEqual(textsOf(bodyOf([[named('a'), content]])), { a: [content] }, JSON.stringify(behind));
  }
  for (const padding of ['', ' ', '\t \t']) {
    for (const eol of ['\r\n', '\n']) {
      const body = `--${boundary}${padding}${eol}${named('a')}${eol}${eol}x${eol}--${boundary}--`;
      assert.deepEqual(textsOf(body), { a: ['x'] }, JSON.stringify([padding, eol]));
    }
  }
});

test('a header that goes on in the next line is read as one line, a blank between its parts', () => {
  const folded = 'Content-Disposition: form-data;\r\n name="a b";\r\n\t filename=c.jpg';
  assert.deepEqual(textsOf(bodyOf([[folded, 'x']])), { 'a b': ['x'] });
  assert.deepEqual(textsOf(bodyOf([['Content-Disposition: form-data; name="a\r\n b"', 'x']])), { 'a b': ['x'] });
});
