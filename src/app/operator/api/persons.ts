/** The operator's API: corrections of who is who. */
import type { OperationHandlers } from '../../../http/admin/api.ts';
import type { LimitSettings } from '../../caller-limits.ts';
import { type CorrectedStores, correctPersons, reportCorrections, undoCorrection } from '../persons.ts';

type Handlers = Pick<OperationHandlers, Extract<keyof OperationHandlers, `persons.${string}`>>;

/** The most corrections that are listed. */
const correctionsMax = 100;

/** @param limits the settings of now. */
export function personHandlers(stores: CorrectedStores, limits: () => LimitSettings): Handlers {
  return {
    'persons.correct': async ({ appid, correction }) => ({
      id: await correctPersons(stores, limits(), appid, correction),
    }),
    'persons.undo': async ({ appid, id }) => {
      await undoCorrection(stores, limits(), appid, id);
      return {};
    },
    'persons.corrections': async ({ appid, person }) => ({
      corrections: (await reportCorrections(stores, appid, person))
        .slice(0, correctionsMax)
        .map(({ persons, faces, ...rest }) => ({
          ...rest,
          persons: [...persons],
          faces: [...faces],
        })),
    }),
  };
}
