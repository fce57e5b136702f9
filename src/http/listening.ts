/** Where a listener listens. */
import type { AddressInfo, Server } from 'node:net';

/** The url of a server that listens on a port: `http://127.0.0.1:8080`. */
export function urlOf(scheme: 'http' | 'https', server: Server): string {
  const { family, address, port } = server.address() as AddressInfo;
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
