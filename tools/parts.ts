/** Replaces the part of a page between `<!-- name -->` and `<!-- /name -->`. */
export function replacePart(page: string, name: string, part: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`the page has no part between ${open} and ${close}`);
  return `${page.slice(0, start + open.length)}\n${part}\n${page.slice(end)}`;
}
