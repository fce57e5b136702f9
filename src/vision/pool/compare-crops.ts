/** Has workers tell copies of a photograph. */
import type { CopyDetector } from '../../domain/face-analyzer.ts';
import { expectAnswer } from './ask.ts';
import type { Dispatch } from './dispatch.ts';

/**
 * Has the workers compare crops, in turns with pictures: it takes them milliseconds for each pair. The call's picture has been
 * analysed before, so that it does not wait behind other pictures of its party.
 */
export function compareWith(dispatch: Dispatch): CopyDetector['areCopies'] {
  return async (crop, others, { untilFirst = false, ...turn } = {}) => {
    const task = { kind: 'compare', picture: crop, others, untilFirst } as const;
    const { answer } = await dispatch(task, { ...turn, isContinued: true });
    return expectAnswer(answer, 'compared').copies;
  };
}
