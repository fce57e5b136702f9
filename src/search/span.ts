/** How the work of a scan is divided into shares, and how far it has come. */
import type { Group } from './people.ts';
import { rowsPerBlock } from './rows.ts';

/** How finely the work of a scan is divided. */
export interface Grain {
  /** Blocks, or secondary members, that a thread takes on at once: a share. */
  readonly shareSize: number;
  /** Shares that a thread takes at least before it halts, for two probes or one. */
  readonly leastShares: number;
  /** A further thread is used only if there are this many shares for each. */
  readonly sharesPerThread: number;
}

/** The least shares are one or two milliseconds of work. */
export const grain: Grain = { shareSize: 64, leastShares: 64, sharesPerThread: 4 };

/** How far a scan of a group has come: how many of its blocks and of its secondary members are behind it. */
export interface Progress {
  readonly blocks: number;
  readonly secondary: number;
}

/** A group as it stands while a slice of a scan is under way. */
export interface Span {
  readonly group: number;
  readonly blocks: SharedArrayBuffer;
  readonly rows: number;
  readonly secondary: SharedArrayBuffer;
  readonly secondaryCount: number;
  /** Where the slice begins. */
  readonly from: Progress;
}

/** A group from where a scan has come to on. */
export function spanOf({ number, blocks, rows, secondary }: Group, from: Progress = { blocks: 0, secondary: 0 }): Span {
  return {
    group: number,
    blocks: blocks.buffer,
    rows,
    secondary: secondary.buffer,
    secondaryCount: secondary.length / 2,
    from,
  };
}

/** Into how many shares the work of a slice is divided. */
export function shareCount(spans: readonly Span[], grain: Grain): number {
  return spans.reduce((sum, span) => sum + blockShares(span, grain) + secondaryShares(span, grain), 0);
}

/** How far each span has been scanned once so many shares are done. */
export function progressOf(spans: readonly Span[], shares: number, grain: Grain): readonly Progress[] {
  const { shareSize } = grain;
  let left = shares;
  return spans.map((span) => {
    const blocks = Math.min(left, blockShares(span, grain));
    const secondary = Math.min(left - blocks, secondaryShares(span, grain));
    left -= blocks + secondary;
    return { blocks: span.from.blocks + blocks * shareSize, secondary: span.from.secondary + secondary * shareSize };
  });
}

/** How many shares the blocks of a span are. */
export function blockShares({ rows, from }: Span, { shareSize }: Grain): number {
  return Math.max(0, Math.ceil((Math.ceil(rows / rowsPerBlock) - from.blocks) / shareSize));
}

/** How many shares the secondary members of a span are. */
export function secondaryShares({ secondaryCount, from }: Span, { shareSize }: Grain): number {
  return Math.max(0, Math.ceil((secondaryCount - from.secondary) / shareSize));
}
