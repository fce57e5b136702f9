/** A network between a server and its database that a test can make stall, or cut. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * What becomes of the bytes over which a connection is cut: the database never gets them; it gets them, and its answer gets lost; or it
 * gets them later, when nobody expects them any more.
 */
export type CutOff = 'lost' | 'answer lost' | 'late';

/** A connection that is to be cut. */
export interface Cutting {
  /** Settles when it is. */
  readonly isCut: Promise<void>;
  /** Passes on what is late; resolves when the database has answered it. */
  arrive(): Promise<void>;
}

/** Passes bytes on, until it is told to stall. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** Passes nothing on from now on, and closes nothing: whoever waits for an answer waits. */
  stall(): void;
  /** Passes on the bytes of new connections. Those that were there stay open, and pass nothing on, as after a router was replaced. */
  goOn(): void;
  /** Cuts the next connection over which bytes go to the database that hold a text. */
  cut(text: string, becomes: CutOff): Cutting;
}

/** Opens a way to a port of this machine. */
export async function openProxy(port: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const accepted = new Set<Socket>();
  /** Those that pass nothing on any more. */
  const mute = new WeakSet<Socket>();
  /** Those to the database that outlive the other side. */
  const late = new WeakSet<Socket>();
  let isStalled = false;
  let cutAt: ((near: Socket, far: Socket, bytes: Buffer) => boolean) | undefined;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    if (isStalled) mute.add(near);
    near.on('data', (bytes) => void (mute.has(near) || cutAt?.(near, far, bytes as Buffer) || far.write(bytes)));
    far.on('data', (bytes) => void (mute.has(near) || near.write(bytes)));
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    near.on('close', () => late.has(far) || far.destroy());
    far.on('close', () => near.destroy());
    accepted.add(near);
    near.on('close', () => accepted.delete(near));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stall() {
      isStalled = true;
      for (const near of accepted) mute.add(near);
    },
    goOn() {
      isStalled = false;
    },
    cut(text, becomes) {
      const { promise: isCut, resolve } = Promise.withResolvers<void>();
      let arrive = async (): Promise<void> => {};
      cutAt = (near, far, bytes) => {
        if (!bytes.includes(text)) return false;
        cutAt = undefined;
        mute.add(near);
        const answered = async (): Promise<void> => {
          far.write(bytes);
          await once(far, 'data');
          far.destroy();
        };
        const end = (): void => {
          near.destroy();
          resolve();
        };
        if (becomes === 'answer lost') void answered().then(end);
        else {
          if (becomes === 'late') {
            late.add(far);
            arrive = answered;
          }
          end();
        }
        return true;
      };
      return { isCut, arrive: () => arrive() };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
