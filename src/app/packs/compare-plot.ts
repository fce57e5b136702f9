/** Draws how packs tell persons apart: the scores of one person's pairs, and of strangers', one picture a pack. */
import { binsCount, binWidth, type PackComparison, type PackScores } from './compare.ts';

/** Sides of the picture of one pack, in pixels, and the room around it. */
const [width, height, margin] = [600, 180, 40];
const [strangersColour, sameColour] = ['#888888', '#1f77b4'];

/** The picture as SVG, by itself: it needs no fonts and no other files. */
export function plotComparison({ packs, faces, persons }: PackComparison): string {
  const whole = { width: width + 2 * margin, height: packs.length * (height + 2 * margin) + margin };
  const parts = packs.map((pack, i) => plotPack(pack, margin + i * (height + 2 * margin)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole.width} ${whole.height}" font-family="sans-serif" font-size="12">`,
    `<title>Scores of ${faces} faces of ${persons} persons</title>`,
    `<rect width="${whole.width}" height="${whole.height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function plotPack({ pack, same, others }: PackScores, top: number): string {
  const bottom = top + height;
  const lines = [
    [others, strangersColour, 'two persons'],
    [same, sameColour, 'one person'],
  ] as const;
  const ticks = [0, 20, 40, 60, 80, 100].map((score) => {
    const x = xOf(score / binWidth);
    return `<line x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 4}" stroke="#333333"/><text x="${x}" y="${bottom + 18}" text-anchor="middle">${score}</text>`;
  });
  const legend = lines.map(
    ([, colour, name], i) =>
      `<rect x="${margin + 10}" y="${top + 8 + 18 * i}" width="12" height="12" fill="${colour}" fill-opacity="0.6"/><text x="${margin + 28}" y="${top + 18 + 18 * i}">${name}</text>`,
  );
  return [
    `<text x="${margin}" y="${top - 8}" font-weight="bold">${escaped(pack)}: share of pairs by score</text>`,
    ...lines.map(
      ([counts, colour]) =>
        `<path d="${outline(counts, top)}" fill="${colour}" fill-opacity="0.5" stroke="${colour}"/>`,
    ),
    `<line x1="${margin}" x2="${margin + width}" y1="${bottom}" y2="${bottom}" stroke="#333333"/>`,
    ...ticks,
    ...legend,
  ].join('\n');
}

/** The bars of a distribution as one line; each is as high as its share of the highest. */
function outline(counts: readonly number[], top: number): string {
  const most = Math.max(1, ...counts);
  const bottom = top + height;
  const steps = counts.map((count, i) => `V${(bottom - (count / most) * height).toFixed(1)}H${xOf(i + 1)}`);
  return `M${xOf(0)} ${bottom}${steps.join('')}V${bottom}Z`;
}

function xOf(bin: number): number {
  return margin + (bin / binsCount) * width;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
