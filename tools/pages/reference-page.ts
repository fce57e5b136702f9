/** Generates the reference page from the declarations. */

import { commonRefusals, type Endpoint, pictureRefusals } from '../../src/contract/endpoint.ts';
import { type EndpointName, endpoints } from '../../src/contract/endpoints.ts';
import { ownRefusalsOf } from '../../src/contract/projections/openapi.ts';
import {
  aboutImage,
  aboutUrl,
  fieldsOf,
  type Json,
  type JsonObject,
  picturesOf,
  toSchema,
} from '../../src/contract/projections/schema.ts';
import { type RefusalRow, refusals } from '../../src/contract/refusals.ts';
import type { RefusalName } from '../../src/errors/refusals.ts';
import { fenced, table } from '../markdown.ts';
import { answerExample, curlExample, formExample, jsonExample } from './examples.ts';
import { fill, type Say } from './pages.ts';

/** Makes a signature with the tools of a shell. */
const signScript = `APPID=1000001 SECRET_ID=AKID… SECRET_KEY=…
NOW=$(date +%s)
ORIG="a=$APPID&b=&k=$SECRET_ID&e=$((NOW + 600))&t=$NOW&r=$$&f="
SIGN=$({ printf %s "$ORIG" | openssl dgst -sha1 -hmac "$SECRET_KEY" -binary; printf %s "$ORIG"; } | base64 | tr -d '\\n')`;

/** The page about all endpoints. */
export function renderReferencePage(say: Say): string {
  const all = Object.entries(endpoints) as [EndpointName, Endpoint][];
  const list = table(
    [say('endpoint'), say('what it does')],
    all.map(([name, { summary }]) => [`[${name}](#${name})`, say(summary)]),
  );
  return [
    `# ${say('API reference')}`,
    say(
      'A call is `POST /face/<name>` with a JSON object or a multipart form as its body and a signature in the `Authorization` header. Every answer is one JSON object in UTF-8, `{"code":…,"message":…,"data":…}`, with code 0 for success. A description for machines is at `GET /openapi.json`.',
    ),
    list,
    ...signaturePart(say),
    ...bodiesPart(say),
    ...commonPart(say),
    ...all.flatMap(([name, endpoint]) => endpointPart(name, endpoint, say)),
  ]
    .join('\n\n')
    .concat('\n');
}

function signaturePart(say: Say): string[] {
  return [
    `## ${say('Signature')}`,
    fenced(
      'text',
      'orig = a=<appid>&b=<bucket>&k=<SecretId>&e=<expires>&t=<now>&r=<random>&f=<file>\nsign = base64( HMAC-SHA1(SecretKey, orig) followed by orig )',
    ),
    say(
      'The fields may be in any order. `a`, `k`, `e` and `t` are required; times are in seconds since 1970. A signature with `e` in the future may be used again until then, for 90 days at most; one with `e=0` can be used once, within 90 days of its `t`, and needs a non-empty `f`. The header has only the signature, without the name of a scheme.',
    ),
    say('In a shell:'),
    fenced('sh', signScript),
  ];
}

function bodiesPart(say: Say): string[] {
  const rules = [
    'Ids (`person_id`, `group_ids` …) are 1 to 128 bytes of UTF-8 without white space, control characters, slash, backslash and quotes. Names and tags are up to 255 characters without control characters.',
    'Lists are JSON arrays. In a form they are written `k[0]`, `k[1]` …, `k[]`, or `k` several times. A single text in place of a list counts as a list of one.',
    'Pictures are JPEG, PNG, WebP, BMP or GIF of a single frame, up to 1.5 MB each, whole bodies up to 32 MB (both settable). They are given by url or as bytes; where both are given, only the url is used. Their EXIF orientation is applied first: all coordinates are in pixels of the upright picture.',
    'newperson and addface return in the header `x-face-quality` how fit each face is for recognition, 0 to 100 in the order of the pictures, and below 50 its fault (`small`, `blurred`, `dark`, `glaring`, `turned` or `covered`): `83, 31; blurred, -`. The server can be set to refuse low values (`--enrol-quality-min`, code -1103).',
    'newperson and addface return in the header `x-face-resembles` the score of each face that resembles another person of the appid, if the appid wants that (`familiar tenants set --resembling`): `97.31, -`. The server can be set to refuse such faces (code -1313).',
    'identify and multidentify return in the header `x-search` where the faces were searched: in `memory`, or in the `database` where there is no room in memory, or not yet. The answer is the same.',
    'Fields that an endpoint does not know are ignored.',
  ];
  return [`## ${say('Bodies')}`, rules.map((rule) => `- ${say(rule)}`).join('\n')];
}

const pictureCodes = 'Codes of pictures';

function commonPart(say: Say): string[] {
  return [
    `## ${say('Codes of every endpoint')}`,
    say(
      'Any call may be refused with these; each endpoint lists its own below. [All codes](errors.md) are explained on a page of their own, with what to do about them.',
    ),
    codesTable(commonRefusals, say),
    `## ${say(pictureCodes)}`,
    say('Any call that carries a picture may be refused with these, too.'),
    codesTable(pictureRefusals, say),
  ];
}

function endpointPart(name: EndpointName, endpoint: Endpoint, say: Say): string[] {
  return [
    `## ${name}`,
    say(endpoint.summary),
    productsOf(endpoint, say),
    `**${say('Request')}**`,
    requestTable(endpoint, say),
    `**${say('Answer (`data`)')}**`,
    table([say('field'), say('type'), say('meaning')], dataRows(toSchema(endpoint.output), '', say)),
    ...codesPart(endpoint, say),
    `**${say('Example as JSON')}**`,
    fenced('http', jsonExample(name, endpoint)),
    `**${say('Example as a form')}**`,
    fenced('http', formExample(name, endpoint)),
    `**${say('Example with curl')}**`,
    fenced('sh', curlExample(name, endpoint)),
    `**${say('Its answer')}**`,
    fenced('json', answerExample(endpoint)),
  ];
}

function codesPart(endpoint: Endpoint, say: Say): string[] {
  const own = ownRefusalsOf(endpoint);
  const anchor = say(pictureCodes).toLowerCase().replaceAll(' ', '-');
  const pictures = fill(say('Besides, those [of pictures](#{anchor}).'), { anchor });
  return [
    `**${say('Codes')}**`,
    ...(own.length > 0 ? [codesTable(own, say)] : []),
    ...(picturesOf(endpoint).length > 0 ? [pictures] : []),
  ];
}

function productsOf({ products }: Endpoint, say: Say): string {
  if (products.length === 0) return say('Calls are counted, never charged.');
  const names = products.map((product) => `\`${product}\``).join(', ');
  return fill(say('A call counts for the products {names}.'), { names });
}

function requestTable(endpoint: Endpoint, say: Say): string {
  const rows = fieldsOf(endpoint).map(([name, { schema, required, about }]) => [
    `\`${name}\``,
    typeOf(toSchema(schema), say),
    required ? say('yes') : say('no'),
    say(about),
  ]);
  for (const { url, image, many } of picturesOf(endpoint)) {
    const listed = (type: string) => (many ? fill(say('list of {type}'), { type }) : type);
    const either = (other: string) => fill(say('this or {other}'), { other: `\`${other}\`` });
    rows.push([`\`${url}\``, listed(say('text')), either(image), say(aboutUrl)]);
    rows.push([`\`${image}\``, listed(say('bytes')), either(url), say(aboutImage)]);
  }
  return table([say('field'), say('type'), say('required'), say('meaning')], rows);
}

/** One row for each field of an answer; a field inside another is named by its path. */
function dataRows(schema: JsonObject, path: string, say: Say): string[][] {
  return Object.entries(schema.properties as Record<string, JsonObject>).flatMap(([name, member]) => {
    const about = typeof member.description === 'string' ? say(member.description) : '';
    const row = [`\`${path}${name}\``, typeOf(member, say), about];
    const items = member.type === 'array' ? (member.items as JsonObject) : member;
    if (items.type !== 'object') return [row];
    return [row, ...dataRows(items, `${path}${name}${items === member ? '' : '[]'}.`, say)];
  });
}

function typeOf(schema: JsonObject, say: Say): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either)) return either.map((one) => typeOf(one as JsonObject, say)).join(` ${say('or')} `);
  switch (schema.type) {
    case 'array':
      return (
        fill(say('list of {type}'), { type: typeOf(schema.items as JsonObject, say) }) +
        rangeOf(schema.minItems, schema.maxItems)
      );
    case 'integer':
      return say('integer') + rangeOf(schema.minimum, schema.maximum);
    case 'number':
      return say('number');
    case 'boolean':
      return say('boolean');
    case 'object':
      return say('object');
    default:
      return say('text') + (schema.maxLength === undefined ? '' : rangeOf(schema.minLength ?? 0, schema.maxLength));
  }
}

/** The range of an integer or a length, as far as it is one that somebody chose. */
function rangeOf(least: Json | undefined, most: Json | undefined): string {
  if (isChosen(least) && isChosen(most)) return least === most ? ` ${least}` : ` ${least}…${most}`;
  if (isChosen(least)) return ` ≥ ${least}`;
  return isChosen(most) ? ` ≤ ${most}` : '';
}

/** JSON Schema of an integer has bounds even where none was declared: those of safe integers. */
function isChosen(bound: Json | undefined): boolean {
  return typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
}

function codesTable(names: readonly RefusalName[], say: Say): string {
  const rows = names.map((name) => {
    const { code, message, when }: RefusalRow = refusals[name];
    return [String(code), `\`${message}\``, say(when)];
  });
  return table([say('code'), say('message'), say('when')], rows);
}
