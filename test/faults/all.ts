/** The table of faults: one list an area, so that whoever adds a guarantee adds its fault beside it. */
import { auth } from './auth.ts';
import type { Fault } from './fault.ts';
import { schedules } from './schedules.ts';
import { store } from './store.ts';

/** Every fault. */
export const faults: readonly Fault[] = [...auth, ...store, ...schedules];
