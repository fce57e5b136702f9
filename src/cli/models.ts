/** The commands that manage model packs. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { modelsFolder } from '../app/analyzer.ts';
import { addPack, listPacks, type PackPlaces, packsFolder, verifyPacks } from '../app/models.ts';
import { switchPack } from '../app/operator/packs.ts';
import { telling } from '../app/operator/told.ts';
import { placeOf } from '../app/register.ts';
import { openReport } from '../app/report.ts';
import type { Settings } from '../app/settings.ts';
import type { Bind, CommandBody } from './command.ts';
import { printJson, printTable } from './print.ts';
import { showProgress } from './progress.ts';
import { placeSettings, registerSettings } from './setting-option.ts';

/** Adds the commands of packs to `models`. */
export function addModelCommands(models: Command, bind: Bind): void {
  const command = (name: string, about: string) =>
    models.command(name).description(about).option('--json', 'print JSON');
  bind(
    command('list', 'list the packs that are installed, and those that can be added by name'),
    placeSettings,
    listModelsCommand,
  );
  bind(
    command('add', 'download or copy a pack; every file must have the SHA-256 that its manifest names')
      .argument('<pack>', 'a name from the list, a manifest (JSON), or a folder with a pack.json')
      .option('--from <folder>', 'take the files from here; what is not there is downloaded'),
    registerSettings,
    addModelCommand,
  );
  bind(
    command(
      'use',
      "switch to a pack, from the server's next start on (with `--database` of all its servers, which must be stopped); faces of other packs are kept, and not compared",
    ).argument('<name>', 'an installed pack; `builtin` switches back'),
    registerSettings,
    useModelCommand,
  );
  bind(
    command('verify', 'check the SHA-256 of every file; exit code 1 if one is wrong').argument(
      '[name]',
      'of this pack only',
    ),
    placeSettings,
    verifyModelsCommand,
  );
}

/** `models list`: what is installed, and what could be. */
const listModelsCommand: CommandBody = async (settings, flags, { output }) => {
  await using register = (await placeOf(settings)).kind === 'server' ? await openReport(settings) : undefined;
  const used = (await register?.packs())?.find(({ state }) => state === 'in use');
  const packs = await listPacks(placesOf(settings), used?.name);
  if (flags.json === true) {
    printJson(
      output,
      packs.map(({ name, about, installed, inUse, files, score }) => ({
        name,
        about,
        installed,
        in_use: inUse,
        score: score ? { measured: score.measured, from: score.from } : null,
        files: files.map((file) => ({ name: file.name, sha256: file.sha256, licence: file.licence })),
      })),
    );
    return 0;
  }
  printTable(
    output,
    packs.map(({ name, installed, inUse, score, about }) => ({
      name,
      state: inUse ? 'in use' : installed ? 'installed' : 'not added',
      scores: score ? (score.measured ? 'measured' : 'estimated') : 'built-in',
      about,
    })),
  );
  return 0;
};

/** `models add`: puts a pack into the data folder; nothing else changes. */
const addModelCommand: CommandBody = async (settings, flags, terminal, [source = '']) => {
  const stopped = new AbortController();
  terminal.stopping.then((signal) => stopped.abort(new Error(`${signal}: the download is stopped`)));
  const progress = showProgress(terminal, 'downloading', 2_000);
  const from = typeof flags.from === 'string' ? flags.from : undefined;
  const options = { from, signal: stopped.signal, onProgress: progress.update };
  const add = () => addPack(placesOf(settings), source, options);
  const { result } = await telling(settings, 'models add', { pack: source }, add).finally(progress.stop);
  const { name, files } = result;
  if (flags.json === true) printJson(terminal.output, { name, files });
  else {
    for (const file of files) terminal.output.write(`${file.name}  ${file.licence}\n`);
    terminal.output.write(`${name} is added. \`familiar models use ${name}\` switches to it.\n`);
  }
  return 0;
};

/** `models use`: takes effect at the server's next start. */
const useModelCommand: CommandBody = async (settings, flags, { output }, [name = '']) => {
  const { score } = await switchPack(settings, placesOf(settings), name);
  if (flags.json === true) printJson(output, { name, in_use: true });
  else {
    output.write(`${name} is used from the server's next start on.\n`);
    output.write('Faces are compared only with faces that the same pack described: persons who have none are\n');
    output.write('answered -1305 by verify until a face of theirs is added again. Their other faces are kept.\n');
    if (score && !score.measured) output.write(`The scores of this pack are estimated. ${score.from}\n`);
  }
  return 0;
};

/** `models verify`: exit code 1 if a file is not what its manifest says. */
const verifyModelsCommand: CommandBody = async (settings, flags, { output }, [name]) => {
  const checks = await verifyPacks(placesOf(settings), name);
  if (flags.json === true) printJson(output, checks);
  else {
    for (const check of checks) {
      output.write(`${check.faults.length === 0 ? 'ok   ' : 'FAULT'}  ${check.name}\n`);
      for (const fault of check.faults) output.write(`       ${fault}\n`);
    }
  }
  return checks.every(({ faults }) => faults.length === 0) ? 0 : 1;
};

function placesOf({ data }: Settings): PackPlaces {
  return { packs: join(data, packsFolder), models: join(data, modelsFolder) };
}
