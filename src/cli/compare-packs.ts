/** The command that tells on a register's own faces how two packs tell its persons apart. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { openData } from '../app/create-app.ts';
import { compareModels } from '../app/operator/upgrades.ts';
import type { PackComparison } from '../app/packs/compare.ts';
import { plotComparison } from '../app/packs/compare-plot.ts';
import { workersOf } from '../app/settings.ts';
import { type Bind, type CommandBody, ordered, type Terminal } from './command.ts';
import { needPacks, openPacksFor, stoppedBy } from './packs-opened.ts';
import { printJson, printTable } from './print.ts';
import { showProgress } from './progress.ts';
import { registerSettings } from './setting-option.ts';

/** Adds it to `models`. */
export function addCompareCommand(models: Command, bind: Bind): void {
  bind(
    models
      .command('compare')
      .description('tell how two packs tell the persons of an appid apart, on their own faces; change nothing')
      .option('--json', 'print JSON')
      .argument('<first>', 'a pack that is installed')
      .argument('<second>', 'another one')
      .requiredOption('--appid <digits>', 'whose persons')
      .option('--faces <count>', 'so many faces at most', '2000')
      .option('--svg <file>', 'write a picture of both distributions'),
    registerSettings,
    ordered(compareCommand),
  );
}

const compareCommand: CommandBody = async (settings, flags, terminal, [first = '', second = '']) => {
  const facesMax = readFacesMax(String(flags.faces));
  await using stores = await openData(settings);
  await using analyzer = await openPacksFor(settings, stores, terminal);
  const progress = showProgress(terminal, 'embedding faces', 2_000, true);
  const compared = await compareModels(stores, needPacks(analyzer), {
    appid: String(flags.appid),
    packs: [first, second],
    facesMax,
    lanes: workersOf(settings),
    signal: stoppedBy(terminal),
    onProgress: progress.update,
  }).finally(progress.stop);
  if (typeof flags.svg === 'string') await writeFile(flags.svg, plotComparison(compared));
  if (flags.json === true) printJson(terminal.output, compared);
  else printComparison(terminal.output, compared);
  return 0;
};

function printComparison(output: Terminal['output'], compared: PackComparison): void {
  output.write(`${compared.faces} faces of ${compared.persons} persons\n`);
  printTable(
    output,
    compared.packs.flatMap(({ pack, reaching }) =>
      reaching.map(({ score, same, others }) => ({
        pack,
        score: `${score} or more`,
        'one person': percent(same),
        'two persons': percent(others),
      })),
    ),
  );
  printTable(
    output,
    compared.packs.map(({ pack, doublesCount, confusedCount }) => ({
      pack,
      doubles: doublesCount,
      confused: confusedCount,
    })),
  );
  for (const { pack, doubles, confused } of compared.packs) {
    for (const { persons, score } of doubles.slice(0, 10)) {
      output.write(`${pack}: ${persons.join(' and ')} are probably one (${score.toFixed(1)})\n`);
    }
    for (const { person, takenFor, own, other } of confused.slice(0, 10)) {
      output.write(`${pack}: ${person} would be taken for ${takenFor} (${other.toFixed(1)}, own ${own.toFixed(1)})\n`);
    }
  }
}

/** The most that are compared: a minute or two for all pairs. */
const facesMost = 20_000;

function readFacesMax(word: string): number {
  const faces = /^\d+$/.test(word) ? Number(word) : 0;
  if (faces < 2 || faces > facesMost) throw new Error(`--faces ${word}: a whole number from 2 to ${facesMost}`);
  return faces;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}
