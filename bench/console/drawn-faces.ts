/**
 * Faces that nobody has: drawn, so that screenshots show no photograph of anybody. One number draws one person; another one changes what a
 * second photograph of the person would.
 */
import sharp from 'sharp';
import { Random } from '../../test/random.ts';

const skins = ['#f6d5b8', '#e8b98f', '#c68c5d', '#9a6238', '#6e4527'];
const hairs = ['#1d1a18', '#4a2c17', '#8a5a2b', '#c9a25d', '#8f8f94', '#7a2b1e'];
const walls = ['#dfe8f0', '#e9e2d6', '#d9e7dc', '#e8dbe3', '#cfd8e3'];
const shirts = ['#28527a', '#7a3b2e', '#3c6e47', '#5a4a78', '#444b54'];

/** The side of a drawn portrait, in pixels. */
export const portraitSide = 400;
/** Where the face is in a portrait. */
export const portraitBox = { x: 110, y: 90, width: 180, height: 220 };

/** A portrait as SVG. */
function svgOf(person: number, take: number): string {
  const looks = new Random(1_000 + person);
  const [skin, hair] = [looks.of(skins), looks.of(hairs)];
  const [face, eyes, brow, mouth] = [78 + looks.below(16), 30 + looks.below(10), looks.below(5), 20 + looks.below(14)];
  const [isLong, hasGlasses, hasBeard] = [looks.oneIn(2), looks.oneIn(4), looks.oneIn(5)];
  const today = new Random(7_000 + person * 31 + take);
  const [wall, shirt, tilt, smile] = [today.of(walls), today.of(shirts), today.below(13) - 6, today.below(14)];
  const eye = (side: 1 | -1): string => {
    const x = 200 + side * eyes;
    return `<ellipse cx="${x}" cy="195" rx="11" ry="7" fill="#fff"/><circle cx="${x}" cy="195" r="5.5" fill="#2b2320"/>
      <path d="M${x - 15} ${176 - brow} q15 -9 30 0" stroke="${hair}" stroke-width="6" fill="none" stroke-linecap="round"/>`;
  };
  const glasses = hasGlasses
    ? `<g fill="none" stroke="#222" stroke-width="4"><circle cx="${200 - eyes}" cy="195" r="21"/><circle cx="${200 + eyes}" cy="195" r="21"/><path d="M${200 - eyes + 21} 193 h${2 * eyes - 42}"/></g>`
    : '';
  const beard = hasBeard ? `<path d="M130 225 Q200 345 270 225 Q200 275 130 225" fill="${hair}" opacity="0.9"/>` : '';
  const behind = isLong ? `<path d="M100 330 Q90 80 200 78 Q310 80 300 330 Z" fill="${hair}"/>` : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400" viewBox="0 0 400 400">
    <rect width="400" height="400" fill="${wall}"/>
    <g transform="rotate(${tilt} 200 260)">${behind}
      <path d="M70 400 Q90 320 200 320 Q310 320 330 400 Z" fill="${shirt}"/>
      <rect x="170" y="275" width="60" height="60" fill="${skin}"/>
      <ellipse cx="200" cy="205" rx="${face}" ry="105" fill="${skin}"/>
      <path d="M${200 - face - 4} 195 Q${200 - face} 85 200 85 Q${200 + face} 85 ${200 + face + 4} 195 Q${200 + face - 18} 130 200 128 Q${200 - face + 18} 130 ${200 - face - 4} 195" fill="${hair}"/>
      ${eye(-1)}${eye(1)}${glasses}${beard}
      <path d="M200 200 q-9 34 -3 40 q7 4 13 0" stroke="#0004" stroke-width="4" fill="none" stroke-linecap="round"/>
      <path d="M${200 - mouth} 268 q${mouth} ${8 + smile} ${2 * mouth} 0" stroke="#8c3b3b" stroke-width="6" fill="none" stroke-linecap="round"/>
    </g></svg>`;
}

/** A portrait as a JPEG of a side in pixels. */
export function drawPortrait(person: number, take: number, side = portraitSide): Promise<Buffer> {
  return sharp(Buffer.from(svgOf(person, take)))
    .resize(side)
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Portraits side by side as one JPEG. */
export async function drawTogether(persons: readonly number[], take: number): Promise<Buffer> {
  const portraits = await Promise.all(persons.map((person) => drawPortrait(person, take)));
  const width = portraitSide * persons.length;
  return sharp({ create: { width, height: portraitSide, channels: 3, background: '#fff' } })
    .composite(portraits.map((input, i) => ({ input, left: i * portraitSide, top: 0 })))
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** The face as it is kept: the middle of a portrait. */
export async function drawCrop(person: number, take: number): Promise<Buffer> {
  const { x, y, width, height } = portraitBox;
  const middle = { left: x - 20, top: y - 10, width: width + 40, height };
  return sharp(await drawPortrait(person, take))
    .extract(middle)
    .resize(192, 192)
    .jpeg()
    .toBuffer();
}
