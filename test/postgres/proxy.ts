/** A network between a server and its database that a test can make stall. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Passes bytes on, until it is told to stall. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** Passes nothing on from now on, and closes nothing: whoever waits for an answer waits. */
  stall(): void;
  /** Passes on the bytes of new connections. Those that were there stay open, and pass nothing on, as after a router was replaced. */
  goOn(): void;
}

/** Opens a way to a port of this machine. */
export async function openProxy(port: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const accepted = new Set<Socket>();
  /** Those that pass nothing on any more. */
  const mute = new WeakSet<Socket>();
  let isStalled = false;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    if (isStalled) mute.add(near);
    near.on('data', (bytes) => void (mute.has(near) || far.write(bytes)));
    far.on('data', (bytes) => void (mute.has(near) || near.write(bytes)));
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    near.on('close', () => far.destroy());
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
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
