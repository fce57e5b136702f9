/** Has workers analyse pictures. */
import type { Analysis, AnalyzeOptions, FaceAnalyzer, FacePart } from '../../domain/face-analyzer.ts';
import { expectAnswer } from './ask.ts';
import type { Dispatch } from './dispatch.ts';

/** What is told of a face unless less is asked for. */
const everything: readonly FacePart[] = ['attributes', 'embedding', 'crop', 'shape'];

/** Has the workers analyse pictures. */
export function analyzeWith(dispatch: Dispatch): FaceAnalyzer['analyze'] {
  return async function analyze<P extends FacePart>(
    picture: Uint8Array,
    { facesMax, tinyFaces = false, parts, ...turn }: AnalyzeOptions<P>,
  ): Promise<Analysis<P>> {
    const wish = { facesMax, tinyFaces, parts: parts ?? everything };
    const { answer, waitedMs } = await dispatch({ kind: 'analyze', picture, wish }, turn);
    const { analysis } = expectAnswer(answer, 'seen');
    // The worker makes just the parts that were asked for.
    return { ...analysis, timings: { queue: waitedMs, ...analysis.timings } } as Analysis as Analysis<P>;
  };
}
