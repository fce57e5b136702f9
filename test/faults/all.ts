/** The table of faults: one list an area, so that whoever adds a guarantee adds its fault beside it. */
import { app } from './app.ts';
import { auth } from './auth.ts';
import { contract } from './contract.ts';
import { domain } from './domain.ts';
import { encrypted } from './encryption.ts';
import type { Fault } from './fault.ts';
import { http } from './http.ts';
import { overload } from './overload.ts';
import { pictures } from './pictures.ts';
import { postgresFaults } from './postgres.ts';
import { schedules } from './schedules.ts';
import { search } from './search.ts';
import { storage } from './storage.ts';
import { store } from './store.ts';
import { sync } from './sync.ts';
import { vision } from './vision.ts';

/** Every fault. */
export const faults: readonly Fault[] = [
  ...app,
  ...auth,
  ...contract,
  ...domain,
  ...encrypted,
  ...http,
  ...overload,
  ...pictures,
  ...postgresFaults,
  ...schedules,
  ...search,
  ...storage,
  ...store,
  ...sync,
  ...vision,
];
