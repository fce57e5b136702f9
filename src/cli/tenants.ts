/** The command that ends an appid. */
import { openData } from '../app/create-app.ts';
import { describePlace, registerExists } from '../app/report.ts';
import type { CommandBody } from './command.ts';
import { printJson } from './print.ts';
import { showProgress } from './progress.ts';

/** `tenants remove`: interrupted, it has ended the appid already, and goes on with the rest when it is given again. */
export const removeTenantCommand: CommandBody = async (settings, flags, terminal, [appid = '']) => {
  const { output, errors } = terminal;
  const progress = showProgress(terminal, 'erasing the persons', 2_000);
  if (!(await registerExists(settings))) {
    errors.write(`there is no register in ${await describePlace(settings)}\n`);
    return 1;
  }
  await using stores = await openData(settings);
  const isRemoved = await stores.removeTenant(appid, progress.update).finally(progress.stop);
  if (!isRemoved) {
    errors.write(`there is no appid ${appid}\n`);
    return 1;
  }
  if (flags.json === true) printJson(output, { appid, removed: true });
  else output.write(`${appid} is ended: its data key is destroyed, its keys, persons, groups and faces are erased.\n`);
  return 0;
};
