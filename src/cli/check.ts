/** The commands that check a register for doubles and strays, and that list persons who were not seen for long. */
import { type Command, Option } from 'commander';
import { openAnalyzerFor } from '../app/analyzer.ts';
import { openData } from '../app/create-app.ts';
import {
  acceptProposal,
  allProposals,
  type CheckReport,
  dismissProposal,
  type Finding,
  type FindingKind,
  findingKinds,
  runCheck,
} from '../app/operator/check.ts';
import { OrderRefused } from '../app/operator/order.ts';
import { type DueReport, listDue, readDays } from '../app/operator/retention.ts';
import { unknownTenant } from '../app/operator/tenants.ts';
import { registerExists } from '../app/report.ts';
import type { SettingName, Settings } from '../app/settings.ts';
import { type Bind, type CommandBody, type Flags, ordered } from './command.ts';
import { type Output, printJson, printTable } from './print.ts';
import { showProgress } from './progress.ts';
import { registerSettings } from './setting-option.ts';

/** The limits that a correction keeps to. */
const limitsOfThem: readonly SettingName[] = ['groupsMax', 'personsPerGroupMax', 'facesPerPersonMax'];

/** Adds `check` and `retention`. */
export function addCheckCommands(root: Command, bind: Bind): void {
  const withAppid = (command: Command) =>
    command.requiredOption('--appid <digits>', 'whose persons they are').option('--json', 'print JSON');
  // Not required here: its own commands would need it, too, before their names.
  const check = bind(
    root
      .command('check')
      .description(
        'find persons who are probably one, faces that are another person’s, copies and faces of low quality',
      )
      .option('--appid <digits>', 'whose persons they are')
      .option('--json', 'print JSON'),
    [...registerSettings, 'workers'],
    checkCommand,
  );
  const command = (name: string, about: string) => withAppid(check.command(name).description(about));
  bind(
    command('list', 'list the proposals of the last check').addOption(
      new Option('--kind <kind>', 'of this kind only').choices(findingKinds),
    ),
    registerSettings,
    listCommand,
  );
  bind(
    command('accept', 'carry a proposal out: merge two persons, give a face to another person, or erase a face')
      .argument('<id>', 'as it is listed')
      .option(
        '--to <person>',
        'of two persons the one that stays; of a face whose it is: one that is not there is made',
      )
      .option('--name <text>', 'the name of the person that stays, or is made')
      .option('--tag <text>', 'the tag of that person')
      .option('--erase', 'erase the face for good: a copy, or a face of low quality'),
    [...registerSettings, ...limitsOfThem],
    acceptCommand,
  );
  bind(
    command('dismiss', 'never propose it again').argument('<id>', 'as it is listed'),
    [...registerSettings, ...limitsOfThem],
    dismissCommand,
  );
  bind(command('singles', 'list the persons with one face'), registerSettings, singlesCommand);
  const retention = root.command('retention').description('persons who were not seen for long');
  bind(
    withAppid(
      retention
        .command('list')
        .description('list persons whom verify and identify have not seen for as many days as the appid sets'),
    ).option('--days <number>', 'as if the appid set so many'),
    registerSettings,
    retentionCommand,
  );
}

const checkCommand: CommandBody = ordered(async (settings, flags, terminal) => {
  const appid = flags.appid as string | undefined;
  if (appid === undefined) throw new OrderRefused('invalid', 'say whose persons are checked: --appid');
  await using stores = await openThere(settings, appid);
  const loading = showProgress(terminal, 'importing the networks', 2_000);
  // The networks only compare crops here, which takes one process.
  await using analyzer = await openAnalyzerFor({ ...settings, workers: 1 }, stores, loading.update).finally(
    loading.stop,
  );
  const stopped = new AbortController();
  void terminal.stopping.then((signal) =>
    stopped.abort(new Error(`${signal}: the check is stopped; nothing was changed but what it proposes`)),
  );
  const progress = showProgress(terminal, 'comparing persons', 5_000, true);
  const threads = settings.workers === 0 ? undefined : settings.workers;
  const options = { threads, signal: stopped.signal, onProgress: progress.update };
  const report = await runCheck(stores, analyzer, appid, options).finally(progress.stop);
  const { output } = terminal;
  if (flags.json !== true) {
    await printProposals(output, stores, appid, undefined);
    output.write(`${textOf(report)}\n`);
    return 0;
  }
  const { open: _, unknownQuality, isCut, single, ...counts } = report;
  const proposals = await Array.fromAsync(allProposals(stores, appid));
  printJson(output, {
    ...{ ...counts, persons_with_one_face: single, faces_of_unknown_quality: unknownQuality, is_cut: isCut },
    proposals: proposals.flat(),
  });
  return 0;
});

const listCommand: CommandBody = ordered(async (settings, flags, { output }) => {
  const appid = flags.appid as string;
  await using stores = await openThere(settings, appid);
  const kind = flags.kind as FindingKind | undefined;
  if (flags.json === true) printJson(output, (await Array.fromAsync(allProposals(stores, appid, kind))).flat());
  else await printProposals(output, stores, appid, kind);
  return 0;
});

const acceptCommand: CommandBody = ordered(async (settings, flags, { output }, [id = '']) => {
  const appid = flags.appid as string;
  await using stores = await openThere(settings, appid);
  const [to, name, tag] = [flags.to, flags.name, flags.tag] as (string | undefined)[];
  const correction = await acceptProposal(stores, settings, appid, id, { to, name, tag, erase: flags.erase === true });
  tell(output, flags, correction, 'done', 'erased');
  return 0;
});

const dismissCommand: CommandBody = ordered(async (settings, flags, { output }, [id = '']) => {
  const appid = flags.appid as string;
  await using stores = await openThere(settings, appid);
  tell(
    output,
    flags,
    await dismissProposal(stores, settings, appid, id),
    'noted that they are not the same',
    'dismissed',
  );
  return 0;
});

const singlesCommand: CommandBody = ordered(async (settings, flags, { output }) => {
  const appid = flags.appid as string;
  await using stores = await openThere(settings, appid);
  const all: string[] = [];
  for (let after = ''; ; ) {
    const some = await stores.checks.singles(appid, after, pageSize);
    if (flags.json === true) all.push(...some);
    else for (const person of some) output.write(`${person}\n`);
    if (some.length < pageSize) break;
    after = some.at(-1)!;
  }
  if (flags.json === true) printJson(output, all);
  return 0;
});

const retentionCommand: CommandBody = ordered(async (settings, flags, { output }) => {
  const appid = flags.appid as string;
  const asked = readDays(flags.days as string | undefined);
  await using stores = await openThere(settings, appid);
  const all: DueReport[] = [];
  for (let after: string | undefined = ''; ; ) {
    const { days, isErasing, persons, next } = await listDue(stores, appid, { after, count: pageSize, days: asked });
    all.push(...persons);
    after = next;
    if (after !== undefined) continue;
    const rows = all.map(({ person, lastSeen: last_seen, faces }) => ({ person, last_seen, faces }));
    if (flags.json === true) printJson(output, { days: days ?? null, erasing: isErasing, persons: rows });
    else if (days === undefined) output.write('The appid sets no days: `familiar tenants set --retention-days`.\n');
    else if (rows.length === 0) output.write(`Everybody was seen within ${days} days.\n`);
    else printTable(output, rows);
    return 0;
  }
});

/** Persons that are read at once. */
const pageSize = 500;

async function printProposals(
  output: Output,
  stores: Awaited<ReturnType<typeof openThere>>,
  appid: string,
  kind: FindingKind | undefined,
): Promise<void> {
  const proposals = (await Array.fromAsync(allProposals(stores, appid, kind))).flat();
  if (proposals.length === 0) output.write('Nothing is proposed.\n');
  else
    printTable(
      output,
      proposals.map(({ id, finding }) => ({ id, ...rowOf(finding) })),
    );
}

function rowOf(finding: Finding) {
  const { kind } = finding;
  switch (kind) {
    case 'double':
      return {
        kind,
        what: finding.persons.join(' and '),
        score: finding.score,
        says: finding.samePicture ? 'one photograph' : 'probably one',
      };
    case 'stray': {
      const { person, face, resembles } = finding;
      const says = resembles === undefined ? 'unlike the rest' : `like ${resembles.person} by ${resembles.score}`;
      return { kind, what: `face ${face} of ${person}`, score: finding.score, says };
    }
    case 'copy':
      return {
        kind,
        what: `face ${finding.faces[1]} of ${finding.person}`,
        score: 99,
        says: `a copy of ${finding.faces[0]}`,
      };
    case 'lowQuality':
      return {
        kind,
        what: `face ${finding.face} of ${finding.person}`,
        score: finding.quality,
        says: 'of low quality',
      };
  }
}

function textOf({ persons, faces, single, unknownQuality, ms, isCut }: CheckReport): string {
  return [
    `${persons} persons with ${faces} faces were compared in ${(ms / 1000).toFixed(1)} s; ${single} have one face.`,
    ...(unknownQuality > 0 ? [`Of ${unknownQuality} faces the quality was not kept.`] : []),
    ...(isCut ? ['There is more than a check keeps: the surest are listed. Check again when they are done.'] : []),
    '`familiar check accept` and `familiar check dismiss` decide about what is proposed.',
  ].join('\n');
}

function tell(output: Output, flags: Flags, correction: string | undefined, undoable: string, done: string): void {
  if (flags.json === true) printJson(output, { correction: correction ?? null });
  else if (correction === undefined) output.write(`${done}\n`);
  else output.write(`${undoable}; to undo it: familiar persons undo ${correction} --appid ${flags.appid}\n`);
}

/** @throws OrderRefused if there is no register, in which there is no appid either. */
async function openThere(settings: Settings, appid: string): ReturnType<typeof openData> {
  if (!(await registerExists(settings))) throw unknownTenant(appid);
  return openData(settings);
}
