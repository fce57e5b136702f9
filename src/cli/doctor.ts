/** The command that examines an installation. */
import { examine } from '../app/doctor.ts';
import type { CommandBody } from './command.ts';
import { printJson } from './print.ts';

/** `doctor`: exit code 1 if anything is wrong. */
export const runDoctor: CommandBody = async (settings, flags, { output }) => {
  const findings = await examine(settings);
  if (flags.json === true) printJson(output, findings);
  else {
    for (const { check, ok, found, mend } of findings) {
      output.write(`${ok ? 'ok   ' : 'FAULT'}  ${check}: ${found}\n`);
      if (!ok) output.write(`       ${mend}\n`);
    }
  }
  return findings.every(({ ok }) => ok) ? 0 : 1;
};
