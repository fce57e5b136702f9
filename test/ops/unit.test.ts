import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { root } from '../harness.ts';

test('the systemd unit leaves the service little that it could do harm with', (context) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) {
    context.skip('this machine has no systemd-analyze (Debian: apt-get install systemd)');
    return;
  }
  const unit = join(root, 'ops/familiar.service');
  // The threshold is in tenths of the exposure level, from 0 (safe) to 10.
  const { status, stdout } = spawnSync(
    'systemd-analyze',
    ['security', '--offline=true', '--threshold=25', '--no-pager', unit],
    {
      encoding: 'utf8',
    },
  );
  assert.match(stdout, /Overall exposure level for familiar\.service: \d/);
  assert.equal(status, 0, stdout.split('\n').at(-2));
});
