/** The commands that take persons out of a register and bring them in. */
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type ArchiveManifest, exportPersons } from '../app/operator/export.ts';
import {
  type ArchiveImported,
  importPersons,
  importPictures,
  type PictureOrder,
  type PictureOrigin,
  type PicturesImported,
} from '../app/operator/import.ts';
import { OrderRefused } from '../app/operator/order.ts';
import type { SettingName } from '../app/settings.ts';
import { type Bind, type CommandBody, type Flags, ordered } from './command.ts';
import { type Output, printJson } from './print.ts';
import { showProgress } from './progress.ts';
import { registerSettings } from './setting-option.ts';

/** The settings that decide how pictures are analysed and downloaded, and how many faces and groups there may be. */
const pictureSettings: readonly SettingName[] = [
  'workers',
  'pictureBytesMax',
  'picturePixelsMax',
  'pictureTimeoutMs',
  'allowUrlHost',
  'urlConnectTimeoutMs',
  'urlFirstByteTimeoutMs',
  'urlTimeoutMs',
  'urlRedirectsMax',
  'groupsMax',
  'personsPerGroupMax',
  'facesPerPersonMax',
  'enrolQualityMin',
];

/** Adds `export` and `import`. */
export function addTransferCommands(root: Command, bind: Bind): void {
  bind(
    root
      .command('export')
      .description(
        'write the persons of an appid into an archive while the server runs: a new file, a tar of JSON Lines',
      )
      .argument('<file>', 'the file; nothing is ever replaced')
      .option('--appid <digits>', 'whose persons')
      .option('--crops', 'with the picture of each face, which `familiar import` needs')
      .option('--embeddings', 'with the embeddings of each face, which `familiar import` needs')
      .option('--json', 'print JSON'),
    registerSettings,
    exportCommand,
  );
  bind(
    root
      .command('import')
      .description('bring persons in while the server runs: from an archive, or from pictures; given again, it goes on')
      .argument('[file]', 'an archive that `familiar export` has written')
      .option('--folders <folder>', 'enrol pictures: a folder a person, and the folders that it lies in are its groups')
      .option('--csv <file>', 'enrol pictures of a table: person_id, groups, name, tag, and file or url')
      .option('--compreface <url>', 'enrol the images of a CompreFace server: a subject a person')
      .option('--api-key <text>', 'with --compreface: the key of its recognition service')
      .option('--api-key-file <file>', 'file with that key on one line: command lines are seen by every user')
      .option('--appid <digits>', 'whose the persons become; the archive’s, or the only appid, if absent')
      .option('--group <id>', 'the group of persons who are put into none otherwise', 'imported')
      .option('--dry-run', 'check everything and write nothing')
      .option('--refused <file>', 'write a line of JSON for each picture that is refused')
      .option('--json', 'print JSON'),
    [...registerSettings, ...pictureSettings],
    importCommand,
  );
}

/** `export`: the archive is there whole or not at all. */
const exportCommand: CommandBody = ordered(async (settings, flags, terminal, [target = '']) => {
  if (typeof flags.appid !== 'string') throw new OrderRefused('invalid', 'say whose persons with --appid');
  const progress = showProgress(terminal, 'exporting persons', 2_000, true);
  const parts = { crops: flags.crops === true, embeddings: flags.embeddings === true };
  const order = { appid: flags.appid, target, parts, onProgress: progress.update };
  const manifest = await exportPersons(settings, order).finally(progress.stop);
  if (flags.json === true) printJson(terminal.output, { archive: target, ...manifest });
  else tellArchive(terminal.output, target, manifest);
  return 0;
});

/** `import`: exit code 1 if it did not come to its end; refused pictures are told, and do not count as that. */
const importCommand: CommandBody = ordered(async (settings, flags, terminal, [file]) => {
  const stopped = new AbortController();
  void terminal.stopping.then((signal) =>
    stopped.abort(new Error(`${signal}: the import is stopped; given again, it goes on`)),
  );
  const origin = await originOf(flags, file);
  const progress = showProgress(terminal, flags.dryRun === true ? 'checking' : 'importing', 2_000, true);
  const order = {
    appid: flags.appid as string | undefined,
    isDryRun: flags.dryRun === true,
    onProgress: progress.update,
    signal: stopped.signal,
  };
  if (typeof origin === 'string') {
    const imported = await importPersons(settings, origin, order).finally(progress.stop);
    tellPersons(terminal.output, flags, imported);
    return 0;
  }
  await using refused = openRefused(flags);
  const groupId = flags.group as string;
  const networks = showProgress(terminal, 'importing the networks', 2_000);
  const onNetworks: PictureOrder['onNetworks'] = (done, total, name) => {
    networks.update(done, total, name);
    // Two bars on one terminal would overwrite each other.
    if (done === total) networks.stop();
  };
  const pictures: PictureOrder = { ...order, origin, groupId, onRefused: refused.write, onNetworks };
  const imported = await importPictures(settings, pictures).finally(() => {
    progress.stop();
    networks.stop();
  });
  tellPictures(terminal.output, flags, imported);
  return 0;
});

/** Where to import from: the path of an archive, or pictures. */
async function originOf(flags: Flags, file: string | undefined): Promise<string | PictureOrigin> {
  const { folders, csv, compreface } = flags as Readonly<Record<string, string | undefined>>;
  if ([file, folders, csv, compreface].filter((origin) => origin !== undefined).length !== 1) {
    throw new OrderRefused('invalid', 'say what to import: an archive, or one of --folders, --csv and --compreface');
  }
  if (file !== undefined) return file;
  if (folders !== undefined) return { kind: 'folders', folder: folders };
  if (csv !== undefined) return { kind: 'csv', file: csv };
  return { kind: 'compreface', url: compreface!, apiKey: await apiKeyOf(flags) };
}

async function apiKeyOf({ apiKey, apiKeyFile }: Flags): Promise<string> {
  if ((apiKey === undefined) === (apiKeyFile === undefined)) {
    throw new OrderRefused('invalid', 'name the key of the recognition service with --api-key-file, or with --api-key');
  }
  return apiKeyFile === undefined ? String(apiKey) : (await readFile(String(apiKeyFile), 'utf8')).trim();
}

/** The file of refused pictures; what is written to it is there when it is disposed of. */
function openRefused({ refused }: Flags): AsyncDisposable & { readonly write: (one: object) => void } {
  if (typeof refused !== 'string') return { write: () => {}, [Symbol.asyncDispose]: async () => {} };
  const stream = createWriteStream(refused, { flags: 'a', mode: 0o600 });
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure = error;
  });
  return {
    write: (one) => {
      if (failure !== undefined) throw failure;
      stream.write(`${JSON.stringify(one)}\n`);
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}

function tellArchive(
  output: Output,
  target: string,
  { appid, persons, faces, crops, embeddings }: ArchiveManifest,
): void {
  output.write(`${target} holds ${counted(persons, 'person')} and ${counted(faces, 'face')} of ${appid}.\n`);
  if (!crops || !embeddings) {
    output.write('It is to be read, and not to be imported: `familiar import` needs --crops and --embeddings.\n');
  } else output.write('It is not encrypted: who has the file has the faces.\n');
}

function tellPersons(output: Output, flags: Flags, { manifest, ...imported }: ArchiveImported): void {
  const { persons, faces, known, models, appid, pack } = imported;
  if (flags.json === true) {
    printJson(output, {
      appid,
      dry_run: flags.dryRun === true,
      persons,
      faces,
      known,
      models,
      pack_of_archive: manifest.pack,
      pack,
    });
    return;
  }
  const done = flags.dryRun === true ? 'would be imported' : 'are imported';
  output.write(`${counted(persons, 'person')} and ${counted(faces, 'face')} ${done} into ${appid}.\n`);
  if (known > 0) output.write(`${counted(known, 'person')} had been imported before.\n`);
  if (manifest.pack === pack) return;
  output.write(
    `The faces were embedded by ${packName(manifest.pack)}, and here ${packName(pack)} is used: the faces are kept,\n`,
  );
  output.write('and not compared with others until `familiar models use` switches to the same.\n');
}

function tellPictures(output: Output, flags: Flags, imported: PicturesImported): void {
  const { appid, persons, added, known, earlier, refused, refusals, seconds } = imported;
  if (flags.json === true) {
    const pictures = { added, known, refused, earlier };
    printJson(output, {
      appid,
      dry_run: flags.dryRun === true,
      persons,
      pictures,
      refusals,
      seconds: Number(seconds.toFixed(1)),
    });
    return;
  }
  const now = added + known + refused - earlier;
  const rate = now > 0 && seconds > 0 ? `, ${(now / seconds).toFixed(1)} a second` : '';
  output.write(
    `${counted(now, 'picture')} in ${seconds.toFixed(0)} s${rate}; ${counted(earlier, 'picture')} had been done before.\n`,
  );
  output.write(
    flags.dryRun === true
      ? `${counted(added, 'picture')} would be enrolled.\n`
      : `${counted(persons, 'person')} registered, ${counted(added, 'face')} added, ${counted(known, 'face')} known already.\n`,
  );
  if (refused > 0) output.write(`${counted(refused, 'picture')} refused:\n`);
  for (const [reason, count] of Object.entries(refusals)) output.write(`  ${String(count).padStart(7)}  ${reason}\n`);
}

function packName(pack: string | null): string {
  return pack === null ? 'the built-in networks' : `the pack ${pack}`;
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}
