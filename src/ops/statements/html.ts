/** A statement as a page that can be printed. It asks for nothing from anywhere. */
import type { Sheet, SheetTable } from './sheet.ts';

const style = `
body { font: 14px/1.5 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; margin: 2rem auto; max-width: 50rem; color: #111; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: 0 1.5rem; }
dt { color: #555; }
dd { margin: 0; }
table { border-collapse: collapse; width: 100%; break-inside: avoid; }
th, td { padding: 0.25rem 0.5rem; text-align: left; border-bottom: 1px solid #ccc; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
tfoot td { font-weight: bold; border-top: 2px solid #111; border-bottom: 0; }
footer { margin-top: 2rem; color: #555; }
@page { margin: 20mm; }
@media print { body { margin: 0; max-width: none; } }
`;

/** Writes a statement as a page of its own. */
export function renderHtml({ language, title, facts, tables, notes }: Sheet): string {
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<dl>
${facts.map(([name, text]) => `<dt>${escaped(name)}</dt><dd>${escaped(text)}</dd>`).join('\n')}
</dl>
${tables.map(renderTable).join('\n')}
<footer>
${notes.map((note) => `<p>${escaped(note)}</p>`).join('\n')}
</footer>
</body>
</html>
`;
}

function renderTable({ title, columns, rows, totals }: SheetTable): string {
  const cellsOf = (tag: 'th' | 'td', cells: readonly string[]): string =>
    cells
      .map((cell, i) => `<${tag}${columns[i]!.isNumber ? ' class="number"' : ''}>${escaped(cell)}</${tag}>`)
      .join('');
  const rowOf = (cells: readonly string[]): string => `<tr>${cellsOf('td', cells)}</tr>`;
  const titles = columns.map((column) => column.title);
  return `<h2>${escaped(title)}</h2>
<table>
<thead>
<tr>${cellsOf('th', titles)}</tr>
</thead>
<tbody>
${rows.map(rowOf).join('\n')}
</tbody>
${totals.length === 0 ? '' : `<tfoot>\n${totals.map(rowOf).join('\n')}\n</tfoot>\n`}</table>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
