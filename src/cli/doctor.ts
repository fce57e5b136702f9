/** The command that examines an installation. */
import type { Command } from 'commander';
import { deepChecks, forgetDamaged } from '../app/doctor/deep.ts';
import { examine } from '../app/doctor/examine.ts';
import type { Bind, CommandBody } from './command.ts';
import { printJson } from './print.ts';
import { showProgress } from './progress.ts';
import { registerSettings } from './setting-option.ts';

/** Adds `doctor`. */
export function addDoctorCommand(root: Command, bind: Bind): void {
  bind(
    root
      .command('doctor')
      .description('say what is wrong with this installation and how to mend it; change nothing')
      .option('--deep', 'check every page of the register, and every value that is encrypted')
      .option('--forget-damaged', 'with --deep: erase the faces whose embedding or crop is damaged')
      .option('--json', 'print JSON'),
    [...registerSettings, 'host', 'port'],
    runDoctor,
  );
}

/** `doctor`: exit code 1 if anything is wrong. */
const runDoctor: CommandBody = async (settings, flags, terminal) => {
  const { output, errors } = terminal;
  if (flags.forgetDamaged === true && flags.deep !== true) {
    errors.write('--forget-damaged goes with --deep, which finds what is damaged\n');
    return 2;
  }
  const progress = showProgress(terminal, 'reading every value', 2_000);
  let damaged: Parameters<typeof forgetDamaged>[1] = [];
  const onDamaged = (rows: typeof damaged): void => {
    damaged = rows;
  };
  const more = flags.deep === true ? deepChecks({ onProgress: progress.update, onDamaged }) : [];
  const findings = await examine(settings, undefined, more).finally(progress.stop);
  if (flags.json === true) printJson(output, findings);
  else {
    for (const { check, ok, found, mend } of findings) {
      output.write(`${ok ? 'ok   ' : 'FAULT'}  ${check}: ${found}\n`);
      if (!ok) output.write(`       ${mend}\n`);
    }
  }
  if (flags.forgetDamaged === true && damaged.length > 0) {
    const erased = await forgetDamaged(settings, damaged);
    errors.write(`${erased} damaged ${erased === 1 ? 'face is' : 'faces are'} erased; \`doctor --deep\` looks again\n`);
  }
  return findings.every(({ ok }) => ok) ? 0 : 1;
};
