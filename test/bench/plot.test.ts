import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { colours, renderPlot } from '../../bench/plots/plot.ts';

const values = [
  { x: 1, y: 2 },
  { x: 2, y: 3 },
];
const encoding = { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } } as const;

test('a plot says what it shows, and every colour in it has another one for dark pages', async () => {
  const svg = await renderPlot({ name: 'p', alt: 'Two & more', spec: { data: { values }, mark: 'line', encoding } });
  assert.match(svg, /<title>Two &amp; more<\/title>/);
  const drawn = new Set([...svg.matchAll(/(?:fill|stroke)="(#\w+)"/g)].map(([, colour]) => colour!));
  assert.ok(drawn.has(colours.paper) && drawn.has(colours.ink) && drawn.has(colours.first));
  const [, dark = ''] = /<style>@media \(prefers-color-scheme:dark\)\{(.*?)\}<\/style>/.exec(svg) ?? [];
  for (const colour of drawn) {
    const replaced = new RegExp(`\\[fill="${colour}"\\]\\{fill:(#\\w+)\\}`).exec(dark)?.[1];
    assert.ok(replaced && replaced !== colour, colour);
  }
});

test('the same description gives the same bytes', async () => {
  const draw = () => renderPlot({ name: 'p', alt: '', spec: { data: { values }, mark: 'bar', encoding } });
  assert.equal(await draw(), await draw());
});

test('a plot in a colour that is not known on dark pages is refused', async () => {
  const mark = { type: 'line', color: '#123456' } as const;
  await assert.rejects(renderPlot({ name: 'p', alt: '', spec: { data: { values }, mark, encoding } }), /#123456/);
});

test('the plots of the repository are those that pages show, and none names anything outside itself', async () => {
  const root = new URL('../../', import.meta.url);
  const pages = await Promise.all(
    ['docs/eval.md', 'docs/identify.md', 'bench/results/vision-peers.md'].map((page) =>
      readFile(new URL(page, root), 'utf8'),
    ),
  );
  const shown = pages.flatMap((page) => [...page.matchAll(/plots\/([\w-]+\.svg)\)/g)].map(([, file]) => file!));
  const files = await readdir(new URL('docs/plots/', root)).catch(() => []);
  assert.deepEqual(files.toSorted(), [...new Set(shown)].toSorted());
  for (const file of files) {
    const svg = await readFile(new URL(`docs/plots/${file}`, root), 'utf8');
    assert.doesNotMatch(svg.replaceAll(/xmlns(:xlink)?="[^"]+"/g, ''), /https?:|<script|<image/);
  }
});
