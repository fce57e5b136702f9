/** The program of a process that runs networks: whatever touches the engine or the bytes of a picture happens in one. */
import { serialize } from 'node:v8';
import { Refusal } from '../../errors/refusals.ts';
import { serveRequests } from '../../processes/serve.ts';
import type { ConvertibleName } from '../models/pack-catalog.ts';
import { onnxRuntime, writeOptimised } from '../models/runtime.ts';
import { loadPack } from '../packs/load.ts';
import { analyzePicture } from '../pipeline/analyze.ts';
import { confineDecoder, type DecodeLimits } from '../pipeline/decode.ts';
import { loadNetworks, type NetworksWithPack } from '../pipeline/networks.ts';
import { areCopies } from '../pipeline/same-picture.ts';
import type { Answer, ProcessSettings, Request } from './task.ts';

/** What pictures are analysed with, once it is loaded. */
let opened: { readonly networks: NetworksWithPack; readonly limits: DecodeLimits } | undefined;

await serveRequests(async (request: Request, picture): Promise<Answer> => {
  try {
    return await answerTo(request, picture);
  } catch (error) {
    if (!(error instanceof Refusal)) return { kind: 'failed', cause: sendable(error) };
    return { kind: 'refused', refusal: error.refusal, detail: error.detail, cause: sendable(error.cause) };
  }
});

async function answerTo(request: Request, picture: Uint8Array): Promise<Answer> {
  if (request.kind === 'analyze') {
    if (opened === undefined) throw new Error('the networks are not loaded');
    return { kind: 'seen', analysis: await analyzePicture(opened.networks, picture, request.wish, opened.limits) };
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

/** What converts networks is loaded only where it is done. */
async function convert(name: ConvertibleName, path: string): Promise<void> {
  const { convertNetwork } = await import('../models/convert.ts');
  await convertNetwork(name, path);
}

async function open({ files, pack, limits }: ProcessSettings): Promise<NonNullable<typeof opened>> {
  confineDecoder();
  const networks = await loadNetworks(onnxRuntime, files);
  return { networks: pack ? { ...networks, pack: await loadPack(onnxRuntime, pack) } : networks, limits };
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
