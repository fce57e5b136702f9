/** Reads the fenced blocks of the pages of `docs/`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../harness.ts';

/** A fenced block of a page. */
export interface Block {
  /** `docs/api.md`. */
  readonly page: string;
  /** The last heading above it, as it is written. */
  readonly heading: string;
  /** The word behind the fence. */
  readonly language: string;
  readonly text: string;
}

/** Every fenced block of every page that is not a decision, page by page from top to bottom. */
export function readBlocks(): readonly Block[] {
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.startsWith('decisions'))
    .sort();
  return pages.flatMap((file) => {
    const page = `docs/${file.replaceAll('\\', '/')}`;
    let heading = '';
    const blocks: Block[] = [];
    const found = readFileSync(join(root, page), 'utf8').matchAll(/^#+ ([^\n]*)$|^```(\w*)\n(.*?)^```$/gms);
    for (const [, title, language, text] of found) {
      if (title !== undefined) heading = title;
      else blocks.push({ page, heading, language: language ?? '', text: (text ?? '').trimEnd() });
    }
    return blocks;
  });
}
