import assert from 'node:assert/strict';
import test from 'node:test';
import { Command } from 'commander';
import { readSettings } from '../../src/app/settings.ts';
import { settingOption } from '../../src/cli/setting-option.ts';

const settingsOf = (...words: string[]) => {
  const command = new Command().addOption(settingOption('allowUrlHost')).addOption(settingOption('port'));
  return readSettings(command.parse(words, { from: 'user' }).opts(), undefined, {});
};

test('a list that is given twice holds both, and of anything else the last counts', () => {
  assert.deepEqual(settingsOf('--allow-url-host', 'a,b', '--allow-url-host', 'c').allowUrlHost, ['a', 'b', 'c']);
  assert.deepEqual(settingsOf('--allow-url-host', 'a').allowUrlHost, ['a']);
  assert.deepEqual(settingsOf().allowUrlHost, []);
  assert.equal(settingsOf('--port', '1', '--port', '2').port, 2);
});
