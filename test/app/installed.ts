/** An installation that the doctor examines, in a folder of its own. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import type { Finding, Machine } from '../../src/app/doctor/check.ts';
import { examine } from '../../src/app/doctor/examine.ts';
import { makeKey } from '../../src/app/first-key.ts';
import { readSettings, type Settings } from '../../src/app/settings.ts';

/** A machine on which nothing is wrong. */
export const good: Machine = {
  nodeVersion: '26.9.0',
  freeBytes: async () => 5.25 * 2 ** 30,
  openAnalyzer: async () => ({ model: '0123456789abcdef', [Symbol.asyncDispose]: async () => {} }),
};

/** The installation of the test that runs. */
export interface Installed {
  /** Holds the data folder, and the key beside it. */
  readonly folder: string;
  readonly settings: Settings;
}

/** Gives each test of a file an installation that has not been started yet. */
export function installEach(): Installed {
  const installed = { folder: '', settings: undefined as unknown as Settings };
  beforeEach(async () => {
    installed.folder = await mkdtemp(join(tmpdir(), 'familiar-doctor-'));
    installed.settings = readSettings({ data: join(installed.folder, 'data'), port: 0 }, undefined, {});
  });
  afterEach(() => rm(installed.folder, { recursive: true }));
  return installed;
}

/** What one check finds. */
export async function find(
  { settings }: Installed,
  check: string,
  machine: Partial<Machine> = {},
  changed: Partial<Settings> = {},
): Promise<Finding> {
  const findings = await examine({ ...settings, ...changed }, { ...good, ...machine });
  return findings.find((finding) => finding.check === check) ?? assert.fail(`there is no check called ${check}`);
}

/** The finding of a check that finds nothing wrong. */
export const passed = (check: string, found: string): Finding => ({ check, ok: true, found, mend: '' });

/** Passes if a check found a fault and named a mend. */
export function assertFault(finding: Finding, found: RegExp, mend: RegExp): void {
  assert.equal(finding.ok, false, finding.check);
  assert.match(finding.found, found);
  assert.match(finding.mend, mend);
}

/** Adds keys, revoked ones and good ones. */
export async function addKeys({ settings }: Installed, revoked: readonly boolean[]): Promise<void> {
  await using stores = await openData(settings);
  for (const isRevoked of revoked) {
    const key = makeKey(0);
    await stores.keys.addKey(key, []);
    if (isRevoked) await stores.keys.revokeKey(key.secretId, 1);
  }
}
