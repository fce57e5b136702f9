/** Does what a shell and curl would do with a printed command; neither need be on the machine. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Answer, root, sendTo } from './harness.ts';

/** What a command finds around it. */
export interface Surroundings {
  /** The shell's variables; those in double quotes and bare words are filled in. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The bytes of a file that the command names. */
  readonly open?: (path: string) => Promise<Uint8Array>;
}

/** Sends what a curl command sends: `curl <url>` with any number of `-H <header>` and `-F <part>`. */
export async function paste(
  command: string,
  { variables = {}, open = openFromRoot }: Surroundings = {},
): Promise<Answer> {
  const [curl, url, ...rest] = wordsOf(command, variables);
  assert.equal(curl, 'curl');
  const headers = new Headers();
  const form = new FormData();
  for (let i = 0; i < rest.length; i += 2) {
    const [flag, value = ''] = [rest[i], rest[i + 1]];
    const [, name = '', content = ''] = /^([^=:]+)[=:] ?(.*)$/s.exec(value) ?? [];
    if (flag === '-H') headers.set(name, content);
    else if (flag !== '-F') assert.fail(`${flag} is not understood`);
    else if (content.startsWith('@')) {
      const path = content.slice(1);
      form.append(name, new Blob([new Uint8Array(await open(path))]), path);
    } else form.append(name, content);
  }
  return sendTo(url ?? '', { method: 'POST', headers, body: form });
}

function wordsOf(command: string, variables: Readonly<Record<string, string>>): string[] {
  const filled = (text: string) =>
    text.replace(/\$(\w+)/g, (_, name: string) => variables[name] ?? assert.fail(`$${name} is not set`));
  return [...command.replaceAll('\\\n', ' ').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, literal, quoted, bare]) => literal ?? filled(quoted ?? bare ?? ''),
  );
}

function openFromRoot(path: string): Promise<Uint8Array> {
  return readFile(resolve(root, path));
}
