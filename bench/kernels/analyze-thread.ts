/** Analyses pictures in a thread of its own and reports the milliseconds of each. */
import { parentPort, workerData } from 'node:worker_threads';
import { importNetworks } from '../../src/vision/models/import.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { analyzePicture } from '../../src/vision/pipeline/analyze.ts';
import { confineDecoder } from '../../src/vision/pipeline/decode.ts';
import { loadNetworks } from '../../src/vision/pipeline/networks.ts';

const wish = { facesMax: 5, parts: ['attributes', 'embedding', 'crop'] } as const;
const limits = { pixelsMax: 40_000_000, secondsMax: 60 };

if (parentPort !== null) {
  const port = parentPort;
  confineDecoder();
  const { networks: files } = await importNetworks(workerData as string);
  const networks = await loadNetworks(onnxRuntime, files);
  port.on('message', async (picture: Uint8Array) => {
    const start = performance.now();
    const { faces } = await analyzePicture(networks, picture, wish, limits);
    port.postMessage({ ms: performance.now() - start, faces: faces.length });
  });
  port.postMessage('ready');
}
