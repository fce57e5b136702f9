/** The command that has a PostgreSQL database search embeddings itself, by pgvector. */

import { Argument, type Command, Option } from 'commander';
import { openData } from '../app/create-app.ts';
import type { SettingName } from '../app/settings.ts';
import type { Bind, CommandBody } from './command.ts';
import { printFields, printJson } from './print.ts';
import { showProgress } from './progress.ts';

/** Adds `vectors` to the commands of the database. */
export function addVectorCommand(database: Command, bind: Bind, settings: readonly SettingName[]): void {
  const about = 'have the database search embeddings by pgvector, as plain vectors; without a word, say what it does';
  const index = new Option('--index <index>', 'look at each vector, or at some by a graph that may miss a few');
  bind(
    database
      .command('vectors')
      .description(about)
      .addArgument(new Argument('[state]', 'begin or end').choices(['on', 'off']))
      .addOption(index.choices(['exact', 'hnsw']).default('exact'))
      .option('--json', 'print JSON'),
    settings,
    vectorsCommand,
  );
}

/** `database vectors`: interrupted, it goes on where it was when it is given again. */
const vectorsCommand: CommandBody = async (settings, flags, terminal, [order]) => {
  const { output, errors } = terminal;
  await using stores = await openData(settings);
  const { vectors } = stores;
  if (vectors === undefined) {
    errors.write('The register is in a file, where nothing searches vectors: this is for PostgreSQL (--database).\n');
    return 1;
  }
  const progress = showProgress(terminal, 'writing vectors', 2_000);
  if (order === 'on')
    await vectors.on(flags.index === 'hnsw' ? 'hnsw' : 'exact', progress.update).finally(progress.stop);
  else if (order === 'off') await vectors.off();
  const status = await vectors.status();
  if (order !== undefined) {
    await stores.audit.note('', { action: `database vectors ${order}`, detail: { state: status.state } });
  }
  if (flags.json === true) printJson(output, status);
  else {
    printFields(output, { ...status });
    if (order === 'on')
      output.write('Embeddings are in the database as plain numbers now, beside the encrypted ones.\n');
  }
  return 0;
};
