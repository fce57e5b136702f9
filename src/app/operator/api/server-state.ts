/** What a running server tells of itself, for the operator's API. */
import type { OperationHandlers } from '../../../http/admin/api.ts';
import type { Server } from '../../../http/server.ts';
import type { Recognition } from '../../recognition.ts';
import { programVersion } from '../../version.ts';

/** The parts that are asked. */
export interface ServerStateParts {
  /** The address of the face API. */
  readonly url: string;
  readonly server: Server;
  readonly recognition: Recognition;
  readonly checkReady: () => Promise<void>;
}

/** Reads the state each time that it is called. */
export function serverState({
  url,
  server,
  recognition,
  checkReady,
}: ServerStateParts): () => ReturnType<OperationHandlers['server.show']> {
  const version = programVersion();
  return async () => {
    const isReady = await checkReady().then(
      () => true,
      () => false,
    );
    const { queued, expectedWaitMs } = server.load();
    const state = recognition.state();
    return {
      version,
      isReady,
      url,
      model: state?.model ?? '',
      waiting: queued,
      expectedWaitMs,
      inFlight: server.inFlight().length,
      facesInMemory: state?.index.faces ?? 0,
      personsInMemory: state?.index.persons ?? 0,
    };
  };
}
