/** The program of a process that runs networks: whatever touches the engine or the bytes of a picture happens in one. */
import { serialize } from 'node:v8';
import { Refusal } from '../../errors/refusals.ts';
import { serveRequests } from '../../processes/serve.ts';
import type { ConvertibleName } from '../models/pack-catalog.ts';
import { onnxRuntime, writeOptimised } from '../models/runtime.ts';
import { loadPack } from '../packs/load.ts';
import { analyzePicture } from '../pipeline/analyze.ts';
import { confineDecoder, type DecodeLimits } from '../pipeline/decode.ts';
import { embedCrops } from '../pipeline/embed-crop.ts';
import { loadNetworks, type Networks, recogniserOf } from '../pipeline/networks.ts';
import { areCopies } from '../pipeline/same-picture.ts';
import { LoadedPacks } from './loaded-packs.ts';
import type { Answer, ProcessSettings, Refused, Request } from './task.ts';

/** What pictures are analysed with, once it is loaded. */
let opened: { readonly networks: Networks; readonly packs: LoadedPacks; readonly limits: DecodeLimits } | undefined;

await serveRequests(async (request: Request, picture, isInterrupted): Promise<Answer> => {
  try {
    return await answerTo(request, picture, isInterrupted);
  } catch (error) {
    return error instanceof Refusal ? refusedBy(error) : { kind: 'failed', cause: sendable(error) };
  }
});

async function answerTo(request: Request, picture: Uint8Array, isInterrupted: () => boolean): Promise<Answer> {
  if (request.kind === 'analyze') {
    const { networks, packs, limits } = loaded();
    const chosen = await packs.choose(request.packs);
    return { kind: 'seen', analysis: await analyzePicture({ ...networks, ...chosen }, picture, request.wish, limits) };
  }
  if (request.kind === 'embed') {
    const { networks, packs } = loaded();
    const { further } = await packs.choose({ main: null, further: request.packs });
    const recognisers = further.map((pack) => recogniserOf({ ...networks, pack }));
    const wish = { together: request.together, isInterrupted };
    const crops = await embedCrops({ ...networks, recognisers }, cropsOf(picture, request.lengths), wish);
    return { kind: 'embedded', crops: crops.map((made) => (made instanceof Refusal ? refusedBy(made) : made)) };
  }
  if (request.kind === 'compare') {
    return { kind: 'compared', copies: await areCopies(picture, request.others, request.untilFirst) };
  }
  if (request.kind === 'open') opened = await open(request.settings);
  if (request.kind === 'check') await loadPack(onnxRuntime, request.pack);
  if (request.kind === 'convert') await convert(request.name, request.path);
  if (request.kind === 'optimise') for (const { from, to } of request.tasks) await writeOptimised(from, to);
  return { kind: 'done' };
}

function loaded(): NonNullable<typeof opened> {
  if (opened === undefined) throw new Error('the networks are not loaded');
  return opened;
}

/** What converts networks is loaded only where it is done. */
async function convert(name: ConvertibleName, path: string): Promise<void> {
  const { convertNetwork } = await import('../models/convert.ts');
  await convertNetwork(name, path);
}

async function open({ files, packs, limits }: ProcessSettings): Promise<NonNullable<typeof opened>> {
  confineDecoder();
  const networks = await loadNetworks(onnxRuntime, files);
  const loaded = new LoadedPacks((pack) => loadPack(onnxRuntime, pack));
  for (const pack of packs) await loaded.load(pack);
  return { networks, packs: loaded, limits };
}

/** The crops that lie one after another. */
function cropsOf(bytes: Uint8Array, lengths: readonly number[]): readonly Uint8Array[] {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return bytes.subarray(end - length, end);
  });
}

function refusedBy({ refusal, detail, cause }: Refusal): Refused {
  return { kind: 'refused', refusal, detail, cause: sendable(cause) };
}

/** An error as it is, or its text if something in it cannot be copied. */
function sendable(error: unknown): unknown {
  try {
    serialize(error);
    return error;
  } catch {
    return String(error);
  }
}
