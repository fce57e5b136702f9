/** Face analysis for one call: in its appid's turn, within the longest wait, and counted. */
import type { Lease } from '../concurrency/budget.ts';
import type { Analysis, AnalyzeOptions, CompareOptions, FaceAnalyzer, FacePart } from '../domain/face-analyzer.ts';
import type { Admission, AdmittedCall } from './admission.ts';
import { Busy } from './busy.ts';
import type { PictureReservation } from './picture-quotas.ts';

/** What a call holds while it is in flight. */
export interface Holdings {
  /** Whose pictures take turns with those of others. */
  readonly appid: string;
  /** The bytes of its body and its pictures. */
  readonly lease: Lease;
  readonly admitted: AdmittedCall;
  /** Its pictures in the month of the appid; undefined if that has no limit. */
  readonly month?: PictureReservation | undefined;
  /** Whether its pictures wait until no others do. */
  readonly isBackground?: boolean | undefined;
}

/** Pairs of crops that are compared in one turn, at most: a worker has them for as long as a picture, some tenths of a second. */
const pairsOfTurnMax = 16;

/**
 * An analyzer whose pictures and comparisons take turns with those of other appids, are refused if they wait too long, and
 * whose pictures are no longer counted as held once a worker has them.
 */
export function analyzerFor(
  analyzer: FaceAnalyzer,
  { patienceMs }: Pick<Admission, 'patienceMs'>,
  call: Holdings,
): FaceAnalyzer {
  const { appid: party, lease, admitted, isBackground } = call;

  const analyze = async <P extends FacePart>(picture: Uint8Array, options: AnalyzeOptions<P>): Promise<Analysis<P>> => {
    const bytes = picture.byteLength;
    let isTaken = false;
    const onWaited = (ms: number, wasTaken: boolean): void => {
      isTaken = wasTaken;
      admitted.waited(ms);
      if (isTaken) lease.give(bytes);
    };
    const onWorked = (ms: number): void => admitted.analyzed(ms);
    try {
      return await inTurn({ patienceMs, signal: options.signal, onWaited, onWorked }, (turn) =>
        analyzer.analyze(picture, { ...options, ...turn, party, isBackground }),
      );
    } finally {
      if (!isTaken) lease.give(bytes);
      admitted.done(true);
    }
  };

  const areCopies = async (
    crop: Uint8Array,
    others: readonly Uint8Array[],
    options: CompareOptions = {},
  ): Promise<readonly boolean[]> => {
    const copies: boolean[] = [];
    const onWorked = (ms: number): void => admitted.compared(ms);
    for (let at = 0; at < others.length; at += pairsOfTurnMax) {
      const some = others.slice(at, at + pairsOfTurnMax);
      const found = await inTurn({ patienceMs, signal: options.signal, onWorked }, (turn) =>
        analyzer.areCopies(crop, some, { ...options, ...turn, party, isBackground }),
      );
      copies.push(...found);
      if (options.untilFirst && copies.includes(true)) break;
    }
    return copies;
  };

  // Everything else is the analyzer's own.
  return Object.create(analyzer, { analyze: { value: analyze }, areCopies: { value: areCopies } }) as FaceAnalyzer;
}

/** A wait for a worker that ends, and who is told of it. */
interface Wait {
  /** The longest that it may be, in milliseconds. */
  readonly patienceMs: number;
  readonly signal: AbortSignal | undefined;
  /** Told how many milliseconds it was, and whether a worker came. */
  readonly onWaited?: (ms: number, isTaken: boolean) => void;
  /** Told how many milliseconds the worker was busy. Who has left does not know it, and is not told. */
  readonly onWorked: (ms: number) => void;
}

/**
 * Asks for a worker's turn.
 * @throws Busy if no worker comes in time.
 */
async function inTurn<T>(
  { patienceMs, signal, onWaited, onWorked }: Wait,
  ask: (turn: { readonly signal: AbortSignal; readonly onTaken: () => void }) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    onWaited?.(patienceMs, false);
    late.abort(new Busy('pictures are waiting'));
  }, patienceMs);
  const asked = performance.now();
  let takenAt: number | undefined;
  const onTaken = (): void => {
    takenAt = performance.now();
    clearTimeout(timer);
    onWaited?.(takenAt - asked, true);
  };
  const either = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]);
  try {
    return await ask({ signal: either, onTaken });
  } finally {
    clearTimeout(timer);
    if (takenAt !== undefined && !either.aborted) onWorked(performance.now() - takenAt);
  }
}
