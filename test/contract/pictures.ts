/** Cuts small photographs, which are looked at quickly, out of those that come with the networks. */
import sharp from 'sharp';
import { photograph } from '../harness.ts';

/** Small photographs in base64: of three faces, and of a wall. */
export type Pictures = Readonly<Record<'face' | 'other' | 'third' | 'wall', string>>;

let cut: Promise<Pictures> | undefined;

/** The pictures; they are cut once. */
export function readPictures(): Promise<Pictures> {
  cut ??= cutPictures();
  return cut;
}

async function cutPictures(): Promise<Pictures> {
  const square = async (number: 1 | 3 | 5 | 6, left: number, top: number, width: number, height: number) => {
    const image = sharp(await photograph(number)).extract({ left, top, width, height });
    return (await image.resize({ width: 200 }).jpeg().toBuffer()).toString('base64');
  };
  return {
    face: await square(3, 965, 150, 440, 440),
    other: await square(5, 255, 810, 450, 450),
    third: await square(6, 1370, 200, 440, 440),
    wall: await square(1, 100, 0, 300, 120),
  };
}
