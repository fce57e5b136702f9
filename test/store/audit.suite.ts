/** What is guaranteed of the audit, whichever the database is. */
import { callsTests } from './audit/calls.suite.ts';
import { changesTests } from './audit/changes.suite.ts';
import type { OpenHome } from './audit/lines.ts';
import { operatorTests } from './audit/operators.suite.ts';
import { pruningTests, tamperingTests } from './audit/tampering.suite.ts';
import { guarantees } from './fixtures.ts';

/** Declares the tests of one database. */
export function auditSuite(database: string, makeHome: () => Promise<OpenHome>): void {
  const guarantee = guarantees(database, makeHome);
  changesTests(guarantee);
  operatorTests(guarantee);
  tamperingTests(guarantee);
  pruningTests(guarantee);
  callsTests(guarantee);
}
