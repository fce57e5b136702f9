/** The table of faults: one list an area, so that whoever adds a guarantee adds its fault beside it. */
import { analysis } from './analysis.ts';
import { app } from './app.ts';
import { audit } from './audit.ts';
import { auth } from './auth.ts';
import { callers } from './callers.ts';
import { check } from './check.ts';
import { commits } from './commits.ts';
import { consoleFiles } from './console.ts';
import { contract } from './contract.ts';
import { copies } from './copies.ts';
import { corrections } from './corrections.ts';
import { counts } from './counts.ts';
import { databaseSearch } from './database-search.ts';
import { doctor } from './doctor.ts';
import { domain } from './domain.ts';
import { encrypted } from './encryption.ts';
import type { Fault } from './fault.ts';
import { http } from './http.ts';
import { metrics } from './metrics.ts';
import { networks } from './networks.ts';
import { operators } from './operators.ts';
import { overload } from './overload.ts';
import { packs } from './packs.ts';
import { pictures } from './pictures.ts';
import { postgresFaults } from './postgres.ts';
import { recognise } from './recognise.ts';
import { recognition } from './recognition.ts';
import { register } from './register.ts';
import { schedules } from './schedules.ts';
import { search } from './search.ts';
import { searchSharing } from './search-sharing.ts';
import { statements } from './statements.ts';
import { storage } from './storage.ts';
import { store } from './store.ts';
import { sync } from './sync.ts';
import { tenants } from './tenants.ts';
import { transfer } from './transfer.ts';
import { turns } from './turns.ts';
import { upgrades } from './upgrade.ts';
import { vectorFaults } from './vectors.ts';
import { vision } from './vision.ts';
/** Every fault. */
export const faults: readonly Fault[] = [
  ...analysis,
  ...app,
  ...audit,
  ...auth,
  ...callers,
  ...check,
  ...consoleFiles,
  ...contract,
  ...copies,
  ...corrections,
  ...commits,
  ...counts,
  ...databaseSearch,
  ...doctor,
  ...domain,
  ...encrypted,
  ...http,
  ...metrics,
  ...networks,
  ...operators,
  ...overload,
  ...packs,
  ...pictures,
  ...postgresFaults,
  ...recognition,
  ...recognise,
  ...register,
  ...schedules,
  ...search,
  ...searchSharing,
  ...statements,
  ...storage,
  ...store,
  ...sync,
  ...tenants,
  ...transfer,
  ...turns,
  ...upgrades,
  ...vectorFaults,
  ...vision,
];
