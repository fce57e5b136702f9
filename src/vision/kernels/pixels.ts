/** The layout of pictures in memory. */

/** An upright picture, 8 bits a channel, red green blue interleaved, rows from the top. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Bytes of one pixel. */
export const channels = 3;
