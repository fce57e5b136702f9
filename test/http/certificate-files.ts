/** Makes certificates for tests, by an authority of the test's own. */
import { webcrypto } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
// The library's injector asks for it.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** A certificate authority that lives as long as the test. */
export interface Authority {
  /** The authority's own certificate in PEM, for clients that trust it. */
  readonly ca: string;
  /** Writes a certificate for some names, and its key, into two files of a folder. */
  write(
    folder: string,
    file: string,
    names: readonly string[],
  ): Promise<{ readonly cert: string; readonly key: string }>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Makes an authority. */
export async function createAuthority(): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=test authority',
    keys: keys as CryptoKeyPair,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  return {
    ca: root.toString('pem'),
    write: async (folder, file, names) => {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const leaf = await x509.X509CertificateGenerator.create({
        subject: `CN=${names[0]}`,
        issuer: root.subject,
        signingKey: keys.privateKey as CryptoKey,
        publicKey: own.publicKey as CryptoKey,
        signingAlgorithm: algorithm,
        ...validity,
        extensions: [
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const), value })),
          ),
        ],
      });
      const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey));
      const [cert, key] = [join(folder, `${file}.crt`), join(folder, `${file}.key`)];
      await writeFile(cert, leaf.toString('pem'));
      await writeFile(key, x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'));
      return { cert, key };
    },
  };
}
