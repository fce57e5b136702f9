/** The commands that correct who is who. */
import type { Command } from 'commander';
import { openData } from '../app/create-app.ts';
import { type Correction, correctPersons, reportCorrections, undoCorrection } from '../app/operator/persons.ts';
import { unknownTenant } from '../app/operator/tenants.ts';
import { registerExists } from '../app/report.ts';
import type { SettingName, Settings } from '../app/settings.ts';
import { type Bind, type CommandBody, type Flags, ordered } from './command.ts';
import { printJson, printTable } from './print.ts';
import { registerSettings } from './setting-option.ts';

/** The limits that a correction keeps to. */
const settingsOfThem: readonly SettingName[] = [
  ...registerSettings,
  'groupsMax',
  'personsPerGroupMax',
  'facesPerPersonMax',
];

/** Adds `persons`. */
export function addPersonCommands(root: Command, bind: Bind): void {
  const persons = root
    .command('persons')
    .description('correct who is who; each correction can be undone for a day, unless somebody it concerns is erased');
  const command = (name: string, about: string) =>
    persons
      .command(name)
      .description(about)
      .requiredOption('--appid <digits>', 'the appid whose persons they are')
      .option('--json', 'print JSON');
  const named = (command: Command) =>
    command.option('--name <text>', 'the name of the person').option('--tag <text>', 'the tag of the person');
  const correction = (command: Command, read: (operands: readonly string[], flags: Flags) => Correction) =>
    bind(command, settingsOfThem, correcting(read));
  correction(
    command('move', 'give faces to another person')
      .argument('<person>', 'who gets them')
      .argument('<faces...>', 'their ids'),
    ([to = '', ...faces]) => ({ kind: 'move', faces, to }),
  );
  correction(
    named(
      command('merge', 'make one person of two, with the faces and groups of both')
        .argument('<from>', 'whose id goes')
        .argument('<to>', 'whose id stays, with its name and tag; where it has none, the other one’s are taken'),
    ),
    ([from = '', to = ''], flags) => ({ kind: 'merge', from, to, ...wordsOf(flags) }),
  );
  correction(
    named(
      command('split', 'make a new person of some faces of a person, in the same groups')
        .argument('<from>', 'who has them')
        .argument('<to>', 'the id of the new person')
        .argument('<faces...>', 'their ids'),
    ),
    ([from = '', to = '', ...faces], flags) => ({ kind: 'split', from, to, faces, ...wordsOf(flags) }),
  );
  correction(
    command('rename', 'give a person another id').argument('<from>', 'the id now').argument('<to>', 'the id then'),
    ([from = '', to = '']) => ({ kind: 'rename', from, to }),
  );
  for (const [kind, about] of [
    ['forbid', 'note that two persons are not the same: they cannot be merged'],
    ['allow', 'take that back'],
  ] as const) {
    correction(
      command(kind, about).argument('<first>', 'a person').argument('<second>', 'another one'),
      ([first = '', second = '']) => ({ kind, first, second }),
    );
  }
  bind(
    command('undo', 'undo a correction').argument('<id>', 'as it was printed, or is listed by `persons corrections`'),
    settingsOfThem,
    undoCommand,
  );
  bind(command('corrections', 'list the corrections that can be undone'), registerSettings, listCommand);
}

function correcting(read: (operands: readonly string[], flags: Flags) => Correction): CommandBody {
  return ordered(async (settings, flags, { output }, operands) => {
    const appid = flags.appid as string;
    await using stores = await openThere(settings, appid);
    const id = await correctPersons(stores, settings, appid, read(operands, flags));
    if (flags.json === true) printJson(output, { id });
    else output.write(`done; to undo it: familiar persons undo ${id} --appid ${appid}\n`);
    return 0;
  });
}

const undoCommand: CommandBody = ordered(async (settings, flags, { output }, [id = '']) => {
  const appid = flags.appid as string;
  await using stores = await openThere(settings, appid);
  await undoCorrection(stores, settings, appid, id);
  if (flags.json === true) printJson(output, { undone: id });
  else output.write('undone\n');
  return 0;
});

const listCommand: CommandBody = ordered(async (settings, flags, { output }) => {
  const appid = flags.appid as string;
  await using stores = await openThere(settings, appid);
  const corrections = await reportCorrections(stores, appid);
  const rows = corrections.map(({ madeAt, ...rest }) => ({ ...rest, made_at: new Date(madeAt).toISOString() }));
  if (flags.json === true) printJson(output, rows);
  else if (rows.length === 0) output.write('There are no corrections that can be undone.\n');
  else
    printTable(
      output,
      rows.map(({ id, kind, made_at, persons, faces }) => ({
        id,
        kind,
        made_at,
        persons: persons.join(' '),
        faces: faces.length,
      })),
    );
  return 0;
});

/** @throws OrderRefused if there is no register, in which there is no appid either. */
async function openThere(settings: Settings, appid: string): ReturnType<typeof openData> {
  if (!(await registerExists(settings))) throw unknownTenant(appid);
  return openData(settings);
}

function wordsOf(flags: Flags) {
  return { name: flags.name as string | undefined, tag: flags.tag as string | undefined };
}
