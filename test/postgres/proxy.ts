/** A network between a server and its database that a test can make stall. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Passes bytes on, until it is told to stall. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** Passes nothing on from now on, and closes nothing: whoever waits for an answer waits. */
  stall(): void;
  /** Passes bytes on again: those of new connections. What was on its way is lost with its connection. */
  goOn(): void;
}

/** Opens a way to a port of this machine. */
export async function openProxy(port: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isStalled = false;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    near.on('data', (bytes) => void (isStalled || far.write(bytes)));
    far.on('data', (bytes) => void (isStalled || near.write(bytes)));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stall() {
      isStalled = true;
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
