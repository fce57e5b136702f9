/** Certificates for https: which one a client gets by the name that it asks for, read again when their files change. */
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext, type Server } from 'node:tls';

/** A certificate and its key. */
export interface CertificateFiles {
  /** File of the certificate and of those between it and a root, in PEM. */
  readonly cert: string;
  /** File of its private key, in PEM. */
  readonly key: string;
}

/** A certificate that was read. */
interface Loaded {
  /** Its DNS names in lower case, `*.face.lan` among them. */
  readonly names: readonly string[];
  readonly context: SecureContext;
  readonly pem: { readonly cert: Buffer; readonly key: Buffer };
}

/** How often the files are looked at, in milliseconds: whoever renews a certificate has it served within this time. */
const lookMs = 10_000;

/** The certificates of a server. */
export class Certificates implements Disposable {
  readonly #files: readonly CertificateFiles[];
  readonly #onReload: (error?: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #servers: Server[] = [];
  #loaded: readonly Loaded[];
  #stamp: string;

  /**
   * Reads the files.
   * @param onReload called after the files were read again because they had changed; with the reason if they cannot be
   *   used, and those that were read before stay.
   * @throws Error that names the file that cannot be read, is no certificate, or does not belong to its key.
   */
  constructor(files: readonly CertificateFiles[], onReload: (error?: unknown) => void = () => {}) {
    this.#files = files;
    this.#onReload = onReload;
    this.#stamp = stampOf(files);
    this.#loaded = files.map(load);
    this.#timer = setInterval(() => this.look(), lookMs).unref();
  }

  /** The certificate for a name: the one that names it, then one whose wildcard covers it, then the first. */
  contextFor(name: string): SecureContext {
    const asked = name.toLowerCase();
    const parent = asked.replace(/^[^.]+/, '*');
    const byName = (wanted: string) => this.#loaded.find(({ names }) => names.includes(wanted));
    return (byName(asked) ?? byName(parent) ?? this.#loaded[0]!).context;
  }

  /** Gives a server the first certificate, now and after each reload: for clients that ask for no name. */
  serve(server: Server): void {
    server.setSecureContext(this.#loaded[0]!.pem);
    this.#servers.push(server);
  }

  /** Reads the files again if one of them has changed. */
  look(): void {
    const stamp = stampOf(this.#files);
    if (stamp === this.#stamp) return;
    try {
      this.#loaded = this.#files.map(load);
      for (const server of this.#servers) server.setSecureContext(this.#loaded[0]!.pem);
      this.#onReload();
    } catch (error) {
      // A certificate is often replaced before its key: the next look finds both.
      this.#onReload(error);
    }
    this.#stamp = stamp;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** Changes when one of the files is written or replaced. */
function stampOf(files: readonly CertificateFiles[]): string {
  const stamps = files
    .flatMap(({ cert, key }) => [cert, key])
    .map((file) => {
      const stats = statSync(file, { throwIfNoEntry: false });
      return stats === undefined ? '' : `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
    });
  return stamps.join('\n');
}

function load({ cert, key }: CertificateFiles): Loaded {
  try {
    const pem = { cert: readFileSync(cert), key: readFileSync(key) };
    const names = new X509Certificate(pem.cert).subjectAltName ?? '';
    return {
      names: [...names.matchAll(/DNS:([^,\s]+)/g)].map(([, name]) => name!.toLowerCase()),
      context: createSecureContext(pem),
      pem,
    };
  } catch (error) {
    throw new Error(`the certificate ${cert} with the key ${key} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
