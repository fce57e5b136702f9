/** Face analysis for one call: in its appid's turn, within the longest wait, and counted. */
import type { Lease } from '../concurrency/budget.ts';
import type { Analysis, AnalyzeOptions, FaceAnalyzer, FacePart } from '../domain/face-analyzer.ts';
import type { Admission, AdmittedCall } from './admission.ts';
import { Busy } from './busy.ts';

/** What a call holds while it is in flight. */
export interface Holdings {
  readonly appid: string;
  /** The bytes of its body and its pictures. */
  readonly lease: Lease;
  readonly admitted: AdmittedCall;
}

/**
 * An analyzer whose pictures take turns with those of other appids, are refused if they wait too long, and are no longer
 * counted as held once a worker has them.
 */
export function analyzerFor(analyzer: FaceAnalyzer, admission: Admission, call: Holdings): FaceAnalyzer {
  const analyze = async <P extends FacePart>(picture: Uint8Array, options: AnalyzeOptions<P>): Promise<Analysis<P>> => {
    const bytes = picture.byteLength;
    const late = new AbortController();
    const timer = setTimeout(() => {
      call.admitted.waited(admission.patienceMs);
      late.abort(new Busy('pictures are waiting'));
    }, admission.patienceMs);
    const asked = performance.now();
    let takenAt: number | undefined;
    const onTaken = (): void => {
      takenAt = performance.now();
      clearTimeout(timer);
      call.admitted.waited(takenAt - asked);
      call.lease.give(bytes);
    };
    const signal = options.signal === undefined ? late.signal : AbortSignal.any([late.signal, options.signal]);
    try {
      return await analyzer.analyze(picture, { ...options, party: call.appid, signal, onTaken });
    } finally {
      clearTimeout(timer);
      if (takenAt === undefined) call.lease.give(bytes);
      // Who has left does not know how long it would have taken.
      else if (!signal.aborted) admission.measured(performance.now() - takenAt);
      call.admitted.done(true);
    }
  };
  // Everything else is the analyzer's own.
  return Object.create(analyzer, { analyze: { value: analyze } }) as FaceAnalyzer;
}
