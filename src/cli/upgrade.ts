/** The commands that upgrade a register to another model pack. */
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { openData } from '../app/create-app.ts';
import {
  beginUpgrade,
  planUpgrade,
  pruneModels,
  reportUpgrade,
  revertUpgrade,
  steerUpgrade,
  type UpgradeReport,
} from '../app/operator/upgrades.ts';
import { notePack } from '../app/packs/agreed-analyzer.ts';
import { takePart } from '../app/packs/take-part.ts';
import { type Settings, workersOf } from '../app/settings.ts';
import { type Bind, type CommandBody, ordered, type Terminal } from './command.ts';
import { needPacks, openPacksFor, stoppedBy } from './packs-opened.ts';
import { printFields, printJson } from './print.ts';
import { showProgress } from './progress.ts';
import { registerSettings } from './setting-option.ts';

type Stores = Awaited<ReturnType<typeof openData>>;

/** How often the progress is looked at, in milliseconds. */
const lookMs = 500;
/** After how long without a word of a server this process does the work, in milliseconds. */
const serversMs = 4_000;

/** Adds them to `models`. */
export function addUpgradeCommands(models: Command, bind: Bind): void {
  const command = (name: string, about: string) =>
    models.command(name).description(about).option('--json', 'print JSON');
  bind(
    command(
      'upgrade',
      'upgrade the register to a pack while servers are called: every face is embedded again from its crop',
    )
      .argument('<name>', 'a pack that is installed on all servers; `builtin` for the built-in one')
      .option('--dry-run', 'say how long it takes, how much of the disk, and what cannot be converted; change nothing')
      .option('--without-failed', 'switch although some faces cannot be converted: they are not found by the new pack'),
    registerSettings,
    ordered(upgradeCommand),
  );
  bind(command('status', 'tell how far the upgrade is'), registerSettings, statusCommand);
  bind(command('pause', 'pause the upgrade'), registerSettings, ordered(steer('pause')));
  bind(
    command('resume', 'go on with an upgrade that is paused, has failed or lost its server'),
    registerSettings,
    ordered(steer('resume')),
  );
  bind(command('cancel', 'give the upgrade up; the pack in use stays'), registerSettings, ordered(steer('cancel')));
  bind(
    command('revert', 'go back to the pack that was in use before, or to another one that is kept').argument(
      '[name]',
      'the pack',
    ),
    registerSettings,
    ordered(revertCommand),
  );
  bind(
    command('prune', 'delete the embeddings of every pack but the one in use, for ever'),
    registerSettings,
    ordered(pruneCommand),
  );
}

const upgradeCommand: CommandBody = async (settings, flags, terminal, [pack = '']) => {
  await using stores = await openData(settings);
  if (flags.dryRun === true) return await planCommand(settings, stores, flags.json === true, terminal, pack);
  await beginUpgrade(stores, pack, flags.withoutFailed === true);
  return await watch(settings, stores, terminal, pack, flags.json === true);
};

const revertCommand: CommandBody = async (settings, flags, terminal, [pack]) => {
  await using stores = await openData(settings);
  return await watch(settings, stores, terminal, await revertUpgrade(stores, pack), flags.json === true);
};

const statusCommand: CommandBody = async (settings, flags, { output }) => {
  await using stores = await openData(settings);
  const report = await reportUpgrade(stores);
  if (flags.json === true) printJson(output, report);
  else if (report === null) output.write('No upgrade is under way.\n');
  else printReport(output, report);
  return 0;
};

/** Pauses, takes up or gives up the upgrade. */
function steer(how: 'pause' | 'resume' | 'cancel'): CommandBody {
  const said = { pause: 'is paused', resume: 'goes on', cancel: 'is given up; `models prune` deletes its embeddings' };
  return async (settings, flags, terminal) => {
    await using stores = await openData(settings);
    const report = how === 'resume' ? await reportUpgrade(stores) : null;
    const isGoingOn = report !== null && report.phase !== 'paused' && report.phase !== 'failed';
    const pack = isGoingOn ? report.pack : await steerUpgrade(stores, how);
    if (how === 'resume') return await watch(settings, stores, terminal, pack, flags.json === true);
    if (flags.json === true) printJson(terminal.output, { pack });
    else terminal.output.write(`The upgrade to ${pack} ${said[how]}.\n`);
    return 0;
  };
}

const pruneCommand: CommandBody = async (settings, flags, terminal) => {
  await using stores = await openData(settings);
  const { packs, embeddings } = await pruneModels(stores);
  if (flags.json === true) printJson(terminal.output, { packs, embeddings });
  else
    terminal.output.write(
      `${embeddings} embeddings were deleted${packs.length > 0 ? `, of ${packs.join(', ')}` : ''}.\n`,
    );
  return 0;
};

async function planCommand(
  settings: Settings,
  stores: Stores,
  isJson: boolean,
  terminal: Terminal,
  pack: string,
): Promise<number> {
  await using analyzer = await openPacksFor(settings, stores, terminal);
  const [workers, signal] = [workersOf(settings), stoppedBy(terminal)];
  const plan = await planUpgrade(stores, needPacks(analyzer), { pack, appids: await stores.appids(), workers, signal });
  if (isJson) printJson(terminal.output, plan);
  else {
    printFields(terminal.output, {
      pack,
      'faces to convert': plan.faces - plan.withoutCrop,
      'cannot be converted, without a crop': plan.withoutCrop,
      'a face takes': plan.msPerFace === null ? 'not known' : `${plan.msPerFace.toFixed(1)} ms`,
      'all take': plan.seconds === null ? 'not known' : `${Math.ceil(plan.seconds)} s, when nothing else is to do`,
      disk: `${(plan.bytes / 2 ** 20).toFixed(1)} MiB`,
    });
  }
  return 0;
}

/** Shows the upgrade until it is over; does the work if no server does. Who stops it leaves it to the servers. */
async function watch(
  settings: Settings,
  stores: Stores,
  terminal: Terminal,
  pack: string,
  isJson: boolean,
): Promise<number> {
  await using own = new AsyncDisposableStack();
  const progress = showProgress(terminal, `upgrading to ${pack}`, 2_000, true);
  let isStopped = false;
  void terminal.stopping.then(() => {
    isStopped = true;
  });
  let isTakingPart = false;
  const began = performance.now();
  let last: UpgradeReport | null = null;
  try {
    for (;;) {
      const report = await reportUpgrade(stores);
      if (
        report === null ||
        report.pack !== pack ||
        report.phase === 'paused' ||
        report.phase === 'failed' ||
        isStopped
      )
        break;
      last = report;
      progress.update(report.done, Math.max(report.total, 1), report.phase);
      if (!isTakingPart && report.servers.length === 0 && performance.now() - began > serversMs) {
        isTakingPart = true;
        own.use(await takePart(settings, stores));
      }
      await setTimeout(lookMs);
    }
  } finally {
    progress.stop();
  }
  const report = (await reportUpgrade(stores)) ?? undefined;
  if (isStopped && report !== undefined) {
    terminal.errors.write(
      `The upgrade to ${pack} goes on when a server runs, or by \`familiar models resume\`; \`familiar models status\` tells how far it is.\n`,
    );
    return 1;
  }
  if (report?.phase === 'failed' || report?.phase === 'paused') {
    if (isJson) printJson(terminal.output, report);
    else printReport(terminal.output, report);
    return 1;
  }
  const used = (await stores.packs.find())?.name;
  if (used !== undefined && !stores.packs.isShared) await notePack(settings, used);
  if (isJson) printJson(terminal.output, { pack, in_use: used === pack, faces: last?.total ?? 0 });
  else terminal.output.write(used === pack ? `${pack} is in use.\n` : `The upgrade to ${pack} was given up.\n`);
  return used === pack ? 0 : 1;
}

function printReport(
  output: Terminal['output'],
  { pack, phase, done, total, rate, secondsLeft, failures, message }: UpgradeReport,
): void {
  printFields(output, {
    pack,
    phase,
    faces: `${done} of ${total}`,
    ...(rate !== null && { rate: `${rate.toFixed(1)} faces/s` }),
    ...(secondsLeft !== null && { left: `${Math.ceil(secondsLeft)} s` }),
    ...Object.fromEntries(failures.map(({ reason, faces }) => [reason, `${faces} faces`])),
    ...(message !== '' && { message }),
  });
}
