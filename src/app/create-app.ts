/**
 * The composition root: puts the parts together as one application, for the server, the command line and tests alike.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import type { Key } from '../auth/keys.ts';
import { openApiDocument } from '../contract/projections/openapi.ts';
import { createFaceIds } from '../domain/ids.ts';
import { type AdminAddress, openAdminServer } from '../http/admin/server.ts';
import { Certificates } from '../http/certificates.ts';
import { urlOf } from '../http/listening.ts';
import type { RequestInFlight } from '../http/request.ts';
import { createServer, type Server } from '../http/server.ts';
import { collectOnceIdle } from '../memory/collect.ts';
import { createMetrics } from '../ops/metrics.ts';
import { RecentCalls } from '../ops/recent-calls.ts';
import type { Stores } from '../store/open.ts';
import { modelsFolder, openAnalyzerOf, type Progress, packPlacesOf } from './analyzer.ts';
import { createDay } from './calendar.ts';
import { keepLimits } from './caller-limits.ts';
import { createCheckRunner } from './check-runner.ts';
import { explainDamage } from './damage.ts';
import { downloadsOf } from './downloads.ts';
import { ensureFirstKey } from './first-key.ts';
import { gatherLines } from './gathered-lines.ts';
import { indexMemoryOf } from './index-memory.ts';
import { Jobs } from './jobs/jobs.ts';
import { LiveSettings } from './live-settings.ts';
import { openLog } from './log.ts';
import { metricSources, selfOf } from './metric-sources.ts';
import { liveState } from './operator/api/live.ts';
import { serverState } from './operator/api/server-state.ts';
import { notePack, openAgreedAnalyzer } from './packs/agreed-analyzer.ts';
import type { OpenedAnalyzer } from './packs/opened-analyzer.ts';
import { beginRecognition } from './recognition.ts';
import { type OpeningEvents, openRegister } from './register.ts';
import { createReload } from './reload.ts';
import { keepRetention } from './retention.ts';
import { announce } from './running.ts';
import { type Settings, settingsTable, workersOf } from './settings.ts';
import { noteStart } from './start-settings.ts';
import { watchStorage } from './storage-watch.ts';
import { openTracesIfSet } from './traces.ts';
import { keepAuditSmall, keepCorrectionsShort, keepUsageSmall } from './upkeep.ts';

/** What a test may put in the place of the real thing. */
export interface Ports {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /**
   * Opens the face analyzer; `onProgress` is called with the number of networks that are there, and their total. The pack
   * is the one that is named; if none is, the one that the data folder has in use.
   */
  readonly openAnalyzer: (
    settings: Settings,
    onProgress: Progress,
    onFault: (error: unknown) => void,
    onLost: (error: unknown) => void,
    pack: string | undefined,
  ) => Promise<OpenedAnalyzer>;
  /** Opens the stores. */
  readonly openStores: (settings: Settings, told: OpeningEvents) => Promise<Stores>;
  /** Where log lines go. */
  readonly log: { write(line: string): void };
  readonly onProgress: Progress;
  /** Told how many of how many rows are encrypted, while a register of an older version is. */
  readonly onEncrypting: (done: number, total: number) => void;
  /** Told how many of how many registered faces are in memory, while they are loaded at the start. */
  readonly onIndexing: (done: number, total: number) => void;
}

/** A running application. */
export interface App extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where it listens for https; undefined if it does not. */
  readonly httpsUrl: string | undefined;
  /** Where the operator's listener is. */
  readonly adminUrl: string;
  /** Resolves when the networks are loaded and as many faces are in memory as there is room for; rejects if that cannot be. */
  readonly ready: Promise<void>;
  /** The key that was made because there was none. */
  readonly firstKey: Key | undefined;
  /** The file of the master key that was made because there was none. */
  readonly masterKeyMade: string | undefined;
  readonly stores: Stores;
  /** The requests that are not answered yet, in the order they came. */
  inFlight(): readonly RequestInFlight[];
  /**
   * Reads the settings again with what is given, and the files with secrets: what may change while the server runs is in force
   * then. It never rejects: the log says what was changed, what waits for a restart, and what could not be read.
   */
  reload(read: () => Settings): Promise<void>;
  /** Refuses new requests and resolves when those in flight are answered. */
  drain(): Promise<void>;
}

const realPorts: Ports = {
  now: Date.now,
  openAnalyzer: (settings, ...told) => openAnalyzerOf(settings, join(settings.data, modelsFolder), ...told),
  openStores: openRegister,
  log: gatherLines(process.stderr),
  onProgress: () => {},
  onEncrypting: () => {},
  onIndexing: () => {},
};

/** Opens the data folder's stores as the application does; for commands that need nothing else. */
export function openData(settings: Settings, told: OpeningEvents = {}): Promise<Stores> {
  return realPorts.openStores(settings, told);
}

/** What the parts of an application are made from. */
interface Foundation {
  readonly settings: Settings;
  readonly live: LiveSettings;
  readonly ports: Ports;
  readonly stores: Stores;
  readonly day: ReturnType<typeof createDay>;
  readonly log: ReturnType<typeof openLog>;
}

/**
 * Starts the application: it listens when this resolves, and serves once {@link App.ready} does.
 * @throws Error with a message for the operator, everything opened so far closed again.
 */
export async function createApp(settings: Settings, replaced: Partial<Ports> = {}): Promise<App> {
  const ports = { ...realPorts, ...replaced };
  await using stack = new AsyncDisposableStack();
  const live = new LiveSettings(settings);
  const log = openLog(ports.log, settings.logLevel);
  let masterKeyMade: string | undefined;
  const onMasterKeyMade = (file: string): void => {
    masterKeyMade = file;
    log.warn({ file }, 'a master key was made: keep it, and apart from backups of the data folder');
  };
  const stores = stack.use(await ports.openStores(settings, { onEncrypting: ports.onEncrypting, onMasterKeyMade }));
  const day = createDay(settings.timeZone, ports.now);
  const foundation: Foundation = { settings, live, ports, stores, day, log };
  await noteStart(stores.audit, settings);
  keepUp(foundation, stack);
  const firstKey = await ensureFirstKey(settings.data, stores.keys, ports.now());
  const downloads = stack.use(downloadsOf(settings));
  const recognition = stack.use(recogniseBy(foundation));
  const checkReady = async (): Promise<void> => {
    recognition.check();
    await stores.check();
  };
  const traces = await openTracesIfSet(settings, log);
  if (traces !== undefined) stack.use(traces);
  const server = createServer({
    ...serverSettings(foundation),
    recogniser: () => recognition.recogniser(),
    downloads,
    checkReady,
    isTraced: traces !== undefined,
    onOver: (request) => {
      metrics.observe(request);
      recent.observe(request);
      traces?.record(request);
    },
  });
  const { activity } = stores;
  const sources = metricSources(settings, { server, recognition, activity, checkReady });
  const metrics = createMetrics(sources);
  activity.tellOfSelf(selfOf(sources));
  const recent = new RecentCalls(ports.now);
  stack.defer(() => server.close());
  const url = await listen(server, settings);
  const httpsUrl = await listenForHttps(server, settings, stack, log);
  const operated = {
    ...{ stores, timeZone: settings.timeZone, now: ports.now },
    limits: () => live.now,
    checks: stack.use(createCheckRunner(stores, recognition, log)),
    server: serverState({ url, server, recognition, checkReady }),
    calls: server.operatorCalls,
    jobs: { jobs: stack.use(new Jobs(() => live.now, ports.now)), settings, now: ports.now },
    live: liveState({ sources, recent, activity }),
    models: { places: packPlacesOf(settings), named: () => recognition.named(), workers: workersOf(settings) },
  };
  const pages = async () => (await import('./operator-pages.ts')).operatorPages(operated);
  const admin = stack.use(await openAdminServer({ metrics, pages, log }, adminAddress(settings)));
  // Without the note the server is as good; only the doctor then takes it for another program.
  await announce(settings.data, { url, adminUrl: admin.url }).then(
    (note) => stack.use(note),
    (err: unknown) => log.warn({ err }, 'it could not be noted that this server runs'),
  );
  const parts = stack.move();
  return {
    ...{ url, httpsUrl, adminUrl: admin.url, firstKey, masterKeyMade, stores },
    ready: readyOf(recognition, server, foundation),
    inFlight: () => server.inFlight(),
    reload: createReload({ live, stores, log }),
    drain: () => server.drain(),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Watches the storage, and keeps what would grow for ever as small as is set. */
function keepUp({ settings, ports, stores, day, log }: Foundation, stack: AsyncDisposableStack): void {
  stack.use(watchStorage(() => stores.check(), log));
  stack.use(keepUsageSmall(stores, day, log));
  stack.use(keepCorrectionsShort(stores, log));
  stack.use(keepRetention(stores, log));
  stack.use(keepAuditSmall(stores, settings.auditDays, ports.now, log));
}

/** Opens the networks and the search index, which takes a while. */
function recogniseBy({ settings, ports, stores, log }: Foundation): Recognition {
  const onAnalyzerFault = (err: unknown): void =>
    log.warn({ err }, 'the networks take more memory: their optimised form could not be kept');
  const onProcessLost = (err: unknown): void => log.error({ err }, 'a process that analyses pictures was lost');
  const openAgreed = () =>
    openAgreedAnalyzer(settings, stores.packs, (pack) =>
      ports.openAnalyzer(settings, ports.onProgress, onAnalyzerFault, onProcessLost, pack),
    );
  return beginRecognition(openAgreed, {
    stores,
    bytesMax: indexMemoryOf(settings),
    workers: workersOf(settings),
    onSwitched: async (name) => {
      log.info({ pack: name }, 'another model pack is in use: faces are compared by it from now on');
      if (!stores.packs.isShared) await notePack(settings, name);
    },
    onProgress: ports.onIndexing,
    onFault: (err) => log.error({ err }, 'the search index has a fault'),
  });
}

/** What the server takes from the settings and the stores. */
function serverSettings({ settings, live, ports, stores, day, log }: Foundation) {
  const { pictureBytesMax, bodyBytesMax, bodyMemoryMax, bodyRateMin, requestTimeoutMs, audit } = settings;
  return {
    ...{ pictureBytesMax, bodyBytesMax, bodyMemoryMax, bodyRateMin, requestTimeoutMs, audit },
    storeOf: (appid, writes) => stores.of(appid, writes),
    usage: stores.usage,
    limitsOf: keepLimits(() => live.now),
    onSeen: (appid, faceId) => stores.retention.note(appid, faceId),
    newFaceId: createFaceIds(ports.now),
    day,
    authentication: { keys: stores.keys, now: ports.now, keysTimeoutMs: settings.keysTimeoutMs },
    connections: { max: settings.connectionsMax, appidMax: settings.appidConnectionsMax },
    admission: {
      workers: workersOf(settings),
      get queueWaitMaxMs() {
        return live.now.queueWaitMaxMs;
      },
    },
    callRates: stores.callRates,
    corsOrigins: settings.corsOrigin,
    openapi: JSON.stringify(openApiDocument()),
    log,
  } satisfies Partial<Parameters<typeof createServer>[0]>;
}

type Recognition = ReturnType<typeof beginRecognition>;

/** Resolves as {@link App.ready} says. */
function readyOf(recognition: Recognition, server: Server, { settings, log }: Foundation): Promise<void> {
  const ready = recognition.ready.then(
    (size) => {
      log.info(size, 'ready: faces are in memory as far as there is room');
      collectOnceIdle(() => server.inFlight().length === 0);
    },
    async (error: unknown) => {
      throw await explainDamage(settings, error);
    },
  );
  ready.catch(() => {});
  return ready;
}

async function listen(server: Server, { host, port }: Settings): Promise<string> {
  await server.http.listen({ host, port });
  return urlOf('http', server.http.server);
}

function adminAddress({ adminHost: host, adminPort: port }: Settings): AdminAddress {
  return { host, port, mayMove: String(port) === settingsTable.adminPort.fallback };
}

/** Undefined if no certificate is set. */
async function listenForHttps(
  server: Server,
  { host, httpsPort, tlsCert, tlsKey }: Settings,
  stack: AsyncDisposableStack,
  log: ReturnType<typeof openLog>,
): Promise<string | undefined> {
  if (tlsCert.length === 0) return undefined;
  const onReload = (err: unknown): void => {
    if (err === undefined) log.info({ files: tlsCert }, 'the certificates were read again');
    else log.error({ err }, 'the certificates have changed and cannot be used: those read before are served');
  };
  const files = tlsCert.map((cert, i) => ({ cert, key: tlsKey[i]! }));
  const listener = await server.openHttps(stack.use(new Certificates(files, onReload)));
  listener.listen({ host, port: httpsPort });
  await once(listener, 'listening');
  return urlOf('https', listener);
}
