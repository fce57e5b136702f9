/** The table of settings: the type, default and meaning of each. */
import { z } from 'zod';
import { limitSettings } from './limit-settings.ts';
import type { SettingRow } from './setting-row.ts';
import { databaseUrl, list, megabyte, milliseconds, otlpEndpoint, timeZone, whole } from './setting-schemas.ts';

export type { SettingRow } from './setting-row.ts';

/** The table of settings. A flag is spelled `--url-timeout-ms`, its variable `FAMILIAR_URL_TIMEOUT_MS`. */
export const settingsTable = {
  host: { schema: z.string().min(1), fallback: '127.0.0.1', value: 'address', about: 'Address to listen on.' },
  port: { schema: whole(0, 65535), fallback: '8080', value: 'number', about: 'Port to listen on; 0 picks a free one.' },
  httpsPort: {
    schema: whole(0, 65535),
    fallback: '8443',
    value: 'number',
    about: 'Port to listen on for https, beside http, where `--tls-cert` is set; 0 picks a free one.',
  },
  tlsCert: {
    schema: list,
    fallback: '',
    value: 'files',
    about:
      'Certificates for https in PEM, each with those between it and a root; several separated by commas, one of which a client gets by the name that it asks for. Read again when they change.',
    isList: true,
  },
  tlsKey: {
    schema: list,
    fallback: '',
    value: 'files',
    about: 'The private keys of `--tls-cert` in PEM, in the same order.',
    isList: true,
  },
  adminHost: {
    schema: z.string().min(1),
    fallback: '127.0.0.1',
    value: 'address',
    about:
      'Address of the operator’s listener: the console, for whoever signs in, and `/metrics`, for everybody who reaches it. It speaks plain HTTP: [reach it](console.md#how-to-reach-it) from elsewhere by TLS or a tunnel.',
  },
  adminPort: {
    schema: whole(0, 65535),
    fallback: '8081',
    value: 'number',
    about: 'Port of the operator’s listener; 0 picks a free one, and so does 8081 if it is taken.',
  },
  corsOrigin: {
    schema: list,
    fallback: '',
    value: 'origins',
    about:
      'Origins whose pages may call the API with signatures from their own server, as `https://shop.example`; several separated by commas, `*` for all.',
    isList: true,
  },
  data: { schema: z.string().min(1), fallback: './data', value: 'folder', about: 'Where everything is kept.' },
  backupFolder: {
    schema: z.string(),
    fallback: '',
    value: 'folder',
    about: 'Folder in which the console makes, lists and checks backups; without one it makes none.',
  },
  importFolder: {
    schema: z.string(),
    fallback: '',
    value: 'folder',
    about:
      'Folder from which the console imports: each folder of pictures, table or archive in it, as `familiar import` takes them; without one it imports nothing.',
  },
  database: {
    schema: databaseUrl,
    fallback: '',
    value: 'url',
    holdsSecret: true,
    about:
      'PostgreSQL database that holds the register in the place of a file in the data folder; any number of servers may share it: `postgres://familiar@host:5432/familiar?sslmode=verify-full`. Give a password in the environment (this setting’s variable, or `PGPASSWORD`), in `--database-url-file` or in `~/.pgpass`: every user of the machine sees command lines.',
  },
  databaseUrlFile: {
    schema: z.string(),
    fallback: '',
    value: 'file',
    about: 'File with the url of the PostgreSQL database on one line, in the place of `--database`.',
  },
  masterKeyFile: {
    schema: z.string(),
    fallback: '',
    value: 'file',
    about:
      'File with the master key, 32 bytes in base64 on one line, that encrypts SecretKeys, embeddings and crops. If none is named, the first start makes one beside the data folder: `data.key` for `data`.',
  },
  masterKey: {
    schema: z.string(),
    fallback: '',
    value: 'base64',
    about: 'The master key itself, where a secret comes in the environment and not in a file.',
    isSecret: true,
  },
  workers: {
    schema: whole(0, 1024),
    fallback: '0',
    value: 'number',
    about: 'Processes that analyse pictures; 0 takes one for each core.',
  },
  indexMemory: {
    schema: whole(0, 1024 * 1024 * megabyte),
    fallback: '0',
    value: 'bytes',
    about:
      'Bytes of memory that faces may take to be searched there; 0 takes half of the machine’s or the container’s. Those searched last are in memory, and the others are searched in the database.',
  },
  queueMax: {
    schema: whole(1, 100_000),
    fallback: '256',
    value: 'number',
    about: 'Pictures that may wait for a worker; beyond that callers are told to slow down (code 15).',
  },
  queueWaitMaxMs: {
    schema: milliseconds,
    fallback: '3000',
    value: 'ms',
    about:
      'Longest that a picture may be expected to wait for a worker; beyond that callers are told to come later (code 15).',
    isLive: true,
  },
  allowUrlHost: {
    schema: list,
    fallback: '',
    value: 'hosts',
    about:
      'Hosts, host:port or CIDR blocks that pictures may be fetched from although their address is private; several separated by commas, or the flag several times.',
    isList: true,
  },
  bodyBytesMax: {
    schema: whole(1024, 1024 * megabyte),
    fallback: String(32 * megabyte),
    value: 'bytes',
    about: 'Largest body.',
  },
  bodyMemoryMax: {
    schema: whole(1024 * 1024, 1024 * 1024 * megabyte),
    fallback: String(512 * megabyte),
    value: 'bytes',
    about:
      'Bytes of bodies and pictures in memory, of all calls together; one appid gets half of it at most (code 15).',
  },
  bodyRateMin: {
    schema: whole(0, 1024 * megabyte),
    fallback: '8192',
    value: 'bytes',
    about: 'Bytes a second that a body must bring at least, over ten seconds (code 15); 0 for no limit.',
  },
  pictureBytesMax: {
    schema: whole(1024, 1024 * megabyte),
    fallback: String(1.5 * megabyte),
    value: 'bytes',
    about: 'Largest picture, in a body or behind a url.',
  },
  picturePixelsMax: {
    schema: whole(1, 1_000_000_000),
    fallback: '40000000',
    value: 'pixels',
    about: 'Most pixels of a picture, checked before it is decoded.',
  },
  pictureTimeoutMs: {
    schema: milliseconds,
    fallback: '30000',
    value: 'ms',
    about: 'Longest that one picture may take once a worker has it, in milliseconds.',
  },
  urlConnectTimeoutMs: {
    schema: milliseconds,
    fallback: '3000',
    value: 'ms',
    about: 'Longest to connect to a picture’s host.',
  },
  urlFirstByteTimeoutMs: {
    schema: milliseconds,
    fallback: '5000',
    value: 'ms',
    about: 'Longest until a picture’s host answers.',
  },
  urlTimeoutMs: {
    schema: milliseconds,
    fallback: '15000',
    value: 'ms',
    about: 'Longest that a whole download may take.',
  },
  urlRedirectsMax: { schema: whole(0, 20), fallback: '3', value: 'number', about: 'Redirects followed for a picture.' },
  requestTimeoutMs: {
    schema: milliseconds,
    fallback: '120000',
    value: 'ms',
    about: 'Longest that a request may take to arrive.',
  },
  keysTimeoutMs: {
    schema: milliseconds,
    fallback: '5000',
    value: 'ms',
    about: 'Longest that the key store may take (code 108).',
  },
  drainTimeoutMs: {
    schema: milliseconds,
    fallback: '30000',
    value: 'ms',
    about: 'Longest that requests in flight may take to finish after SIGTERM.',
  },
  connectionsMax: {
    schema: whole(1, 1_000_000),
    fallback: '4096',
    value: 'number',
    about: 'Connections in all (code 15).',
  },
  appidConnectionsMax: {
    schema: whole(1, 1_000_000),
    fallback: '1024',
    value: 'number',
    about: 'Connections on which one appid calls (code 15).',
  },
  ...limitSettings,
  otlpEndpoint: {
    schema: otlpEndpoint,
    fallback: '',
    value: 'url',
    holdsSecret: true,
    sharedVariable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    about:
      'Collector that traces of calls are sent to by OTLP over HTTP, as `http://127.0.0.1:4318`; none if empty. `OTEL_EXPORTER_OTLP_ENDPOINT` says the same, and `OTEL_EXPORTER_OTLP_HEADERS` what headers go with them.',
  },
  otlpEndpointFile: {
    schema: z.string(),
    fallback: '',
    value: 'file',
    about:
      'File with the url of the collector on one line, in the place of `--otlp-endpoint`: a url may hold a password.',
  },
  audit: {
    schema: z.enum(['changes', 'refused', 'reads']),
    fallback: 'refused',
    value: 'calls',
    about:
      'Which calls the audit tells of: `changes` only, those as well that would have changed something and were `refused`, or `reads`, too.',
  },
  auditDays: {
    schema: whole(0, 36_500),
    fallback: '400',
    value: 'days',
    about: 'How long the lines of the audit are kept before they are pruned, every day; 0 for ever.',
  },
  logLevel: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    fallback: 'info',
    value: 'level',
    about:
      'Least level of the lines that are logged: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`. The line of each call is `info`.',
    isLive: true,
  },
  timeZone: {
    schema: timeZone,
    fallback: 'Asia/Shanghai',
    value: 'zone',
    about: 'Whose days and calendar months usage is counted in.',
  },
} as const satisfies Record<string, SettingRow>;
