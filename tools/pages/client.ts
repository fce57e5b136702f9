/** Generates the client's calls (`src/client/calls.ts`) from the declarations. */

import type { Endpoint } from '../../src/contract/endpoint.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { ownRefusalsOf } from '../../src/contract/projections/openapi.ts';
import { toSchema } from '../../src/contract/projections/schema.ts';
import { type RefusalRow, refusals } from '../../src/contract/refusals.ts';
import { renderList, renderMember, renderType } from './typescript.ts';

/** The text of `src/client/calls.ts`. */
export function renderClientCalls(): string {
  const all: readonly [string, Endpoint][] = Object.entries(endpoints);
  const parts = [
    `/** The calls of the client and their answers. Generated from the declarations by \`npm run generate\`. */
import type { Picture } from './body.ts';
import type { CallOptions } from './options.ts';`,
    ...all.map(([name, endpoint]) => renderInput(name, endpoint)),
    ...all.map(([name, endpoint]) => renderOutput(name, endpoint)),
    renderClient(all),
    renderPictures(all),
    renderCodes(),
  ];
  return `${parts.join('\n\n')}\n`;
}

function renderInput(name: string, endpoint: Endpoint): string {
  const members = Object.entries(endpoint.fields).map(([field, { schema, required, about }]) =>
    renderMember(field, renderType(toSchema(schema)), required, about, '  '),
  );
  for (const [picture, { many }] of Object.entries(endpoint.pictures)) {
    const about = many ? 'The pictures: all of them urls, or all of them bytes.' : 'The picture: its url or its bytes.';
    members.push(renderMember(picture, many ? renderList('Picture') : 'Picture', true, about, '  '));
  }
  const about = `/** What {@link Client.${name}} is given. */`;
  if (members.length === 0) return `${about}\nexport type ${inputName(name)} = Readonly<Record<string, never>>;`;
  return `${about}\nexport interface ${inputName(name)} {\n${members.join('\n')}\n}`;
}

function renderOutput(name: string, endpoint: Endpoint): string {
  return `/** What {@link Client.${name}} answers. */\nexport interface ${outputName(name)} ${renderType(toSchema(endpoint.output))}`;
}

function renderClient(all: readonly [string, Endpoint][]): string {
  const methods = all.map(([name, endpoint]) => {
    const own = ownRefusalsOf(endpoint).map((refusal) => `\`${refusal}\``);
    const shared = Object.keys(endpoint.pictures).length > 0 ? 'any picture or call' : 'any call';
    const codes = [...own, `what ${shared} may be refused with`].join(', ');
    const optional = Object.keys({ ...endpoint.fields, ...endpoint.pictures }).length === 0 ? '?' : '';
    return `  /**
   * ${endpoint.summary}
   * @throws RefusalError ${codes}.
   */
  ${name}(input${optional}: ${inputName(name)}, options?: CallOptions): Promise<${outputName(name)}>;`;
  });
  return `/** One method for each endpoint. */\nexport interface Client {\n${methods.join('\n')}\n}`;
}

function renderPictures(all: readonly [string, Endpoint][]): string {
  const rows = all.map(([name, { pictures }]) => `  ${name}: ${JSON.stringify(pictures)},`);
  return `/** The names under which the pictures of each call are sent. */\nexport const pictures = {\n${rows.join('\n')}\n} as const;`;
}

function renderCodes(): string {
  const rows = Object.entries(refusals).map(
    ([name, row]: [string, RefusalRow]) => `  /** ${row.when} */\n  ${name}: ${row.code},`,
  );
  return `/** The code of every refusal. */\nexport const refusalCodes = {\n${rows.join('\n')}\n} as const;`;
}

function inputName(name: string): string {
  return `${capitalised(name)}Input`;
}

function outputName(name: string): string {
  return `${capitalised(name)}Output`;
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
