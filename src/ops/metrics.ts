/** The metrics of a running server, in OpenMetrics: what has happened is counted, what is so now is read at each scrape. */
import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  type OpenMetricsContentType,
  openMetricsContentType,
  Registry,
} from 'prom-client';
import { type DatabaseSources, observeDatabase } from './database-metrics.ts';
import { countByPairs, timesByLabel } from './tallies.ts';

/** A request that is over. */
export interface ObservedRequest {
  /** Null for what is no endpoint of the face API. */
  readonly endpoint: string | null;
  /** The envelope's code. */
  readonly code: number;
  /** Why it was refused; several reasons share a code. */
  readonly refusal?: string | undefined;
  readonly ms: number;
  /** Milliseconds by stage. */
  readonly stages: Readonly<Record<string, number>>;
  readonly pictures: number;
  readonly faces: number;
  /** Where faces were searched, if they were. */
  readonly searched?: 'memory' | 'database' | undefined;
}

/** How much is in flight. */
export interface ObservedLoad {
  readonly calls: number;
  /** Pictures that wait for a worker, or have one. */
  readonly queued: number;
  /** How long one more picture of an appid with none in flight will wait, in milliseconds. */
  readonly expectedWaitMs: number;
  readonly picturesByAppid: ReadonlyMap<string, number>;
}

/** What is in memory to be searched. */
export interface ObservedIndex {
  readonly faces: number;
  readonly persons: number;
  readonly galleries: number;
  readonly sharedBytes: number;
}

/** An upgrade to another model pack. */
export interface ObservedUpgrade {
  /** Faces that have an embedding of the pack, of so many. */
  readonly done: number;
  readonly total: number;
  readonly isFailed: boolean;
}

/** What is read at each scrape; undefined for what is not there yet. */
export interface MetricSources {
  readonly load: () => ObservedLoad;
  readonly index: () => ObservedIndex | undefined;
  /** Bytes of memory that the index may take. */
  readonly indexMemory: () => number;
  /** How far the upgrade to another model pack is; undefined if none is under way. */
  readonly upgrade: () => ObservedUpgrade | undefined;
  readonly processes: () => { readonly present: number; readonly lost: number } | undefined;
  readonly isReady: () => Promise<boolean>;
  /** Bytes that may still be written where the register is. */
  readonly diskFreeBytes: () => Promise<number>;
  readonly database: DatabaseSources;
  /** The version of the program, and the model that embeds faces once it is loaded. */
  readonly build: () => { readonly version: string; readonly model: string };
}

/** The metrics of one server. */
export interface Metrics {
  /** Counts a request. */
  observe(request: ObservedRequest): void;
  /** Everything, as text. */
  scrape(): Promise<string>;
  readonly contentType: string;
}

/** How many appids have a series of their own; the pictures of the others are added up under `other`. */
const appidsMax = 20;
/** Upper bounds in seconds: reads take a millisecond, pictures some tens, and what waits seconds. */
const callBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const stageBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

type Registers = Registry<OpenMetricsContentType>[];

/** Makes the metrics, all of them zero. */
export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(openMetricsContentType);
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const observe = countRequests(registers);
  readLoad(registers, sources);
  readRecognition(registers, sources);
  readState(registers, sources);
  observeDatabase(registers, sources.database);
  return { observe, scrape: () => registry.metrics(), contentType: openMetricsContentType };
}

function countRequests(registers: Registers): Metrics['observe'] {
  const addCall = countByPairs(registers, {
    name: 'familiar_calls_total',
    help: 'Requests by endpoint and code; the endpoint "none" is what is no call of the face API.',
    labels: ['endpoint', 'code'],
  });
  const refusals = new Counter({
    name: 'familiar_refusals_total',
    help: 'Refused requests by reason; several reasons share a code.',
    labelNames: ['reason'],
    registers,
  });
  const addTime = timesByLabel(registers, {
    name: 'familiar_call_seconds',
    help: 'Time from a request to its answer, by endpoint.',
    label: 'endpoint',
    bounds: callBuckets,
  });
  const addStage = timesByLabel(registers, {
    name: 'familiar_stage_seconds',
    help: 'Time that calls spent in a stage, added up over the pictures of a call.',
    label: 'stage',
    bounds: stageBuckets,
  });
  const searches = new Counter({
    name: 'familiar_searches_total',
    help: 'Calls that searched faces, by where: in "memory", or in the "database" where there was no room in memory, or not yet.',
    labelNames: ['place'],
    registers,
  });
  const pictures = new Counter({ name: 'familiar_pictures_total', help: 'Pictures analysed.', registers });
  const faces = new Counter({ name: 'familiar_faces_total', help: 'Faces found in pictures.', registers });
  return (request) => {
    const endpoint = request.endpoint ?? 'none';
    addCall(endpoint, request.code);
    if (request.refusal !== undefined) refusals.inc({ reason: request.refusal });
    addTime(endpoint, request.ms / 1000);
    for (const stage in request.stages) addStage(stage, request.stages[stage]! / 1000);
    if (request.searched !== undefined) searches.inc({ place: request.searched });
    if (request.pictures > 0) pictures.inc(request.pictures);
    if (request.faces > 0) faces.inc(request.faces);
  };
}

/** Makes a gauge whose value is read at each scrape; 0 for what is not there yet. */
function gaugeOf(registers: Registers, name: string, help: string, read: () => number | undefined): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read() ?? 0);
    },
  });
}

function readLoad(registers: Registers, { load }: MetricSources): void {
  gaugeOf(registers, 'familiar_calls_in_flight', 'Calls that were let in and are not answered.', () => load().calls);
  gaugeOf(registers, 'familiar_pictures_queued', 'Pictures that wait for a worker, or have one.', () => load().queued);
  gaugeOf(
    registers,
    'familiar_expected_wait_seconds',
    'How long a picture of an appid with none in flight is expected to wait for a worker.',
    () => load().expectedWaitMs / 1000,
  );
  new Gauge({
    name: 'familiar_pictures_in_flight',
    help: `Pictures in flight by appid, for the ${appidsMax} appids with most of them; the others together are "other".`,
    labelNames: ['appid'],
    registers,
    collect() {
      this.reset();
      const sorted = [...load().picturesByAppid].sort(([, a], [, b]) => b - a);
      for (const [appid, count] of sorted.slice(0, appidsMax)) this.set({ appid }, count);
      const others = sorted.slice(appidsMax).reduce((sum, [, count]) => sum + count, 0);
      this.set({ appid: 'other' }, others);
    },
  });
}

function readRecognition(registers: Registers, { index, indexMemory, processes, upgrade }: MetricSources): void {
  gaugeOf(
    registers,
    'familiar_upgrade_faces',
    'Faces of the register, while it is upgraded to another model pack; else 0.',
    () => upgrade()?.total,
  );
  gaugeOf(
    registers,
    'familiar_upgrade_faces_done',
    'Those of them that have an embedding of the pack.',
    () => upgrade()?.done,
  );
  gaugeOf(registers, 'familiar_upgrade_failed', '1 if the upgrade has failed and waits for an operator, else 0.', () =>
    upgrade()?.isFailed ? 1 : 0,
  );
  gaugeOf(registers, 'familiar_index_faces', 'Faces that are searched in memory.', () => index()?.faces);
  gaugeOf(registers, 'familiar_index_persons', 'Persons who are searched in memory.', () => index()?.persons);
  gaugeOf(registers, 'familiar_index_bytes', 'Bytes of shared memory that the index has.', () => index()?.sharedBytes);
  gaugeOf(registers, 'familiar_index_galleries', 'Galleries that are searched in memory.', () => index()?.galleries);
  gaugeOf(registers, 'familiar_index_budget_bytes', 'Bytes of memory that the index may take.', indexMemory);
  gaugeOf(
    registers,
    'familiar_analysis_processes',
    'Processes that analyse pictures, or are being started.',
    () => processes()?.present,
  );
  new Counter({
    name: 'familiar_analysis_processes_lost_total',
    help: 'Processes that analyse pictures which ended and were replaced.',
    registers,
    collect() {
      this.reset();
      this.inc(processes()?.lost ?? 0);
    },
  });
}

function readState(registers: Registers, { isReady, diskFreeBytes, build }: MetricSources): void {
  new Gauge({
    name: 'familiar_ready',
    help: '1 while the server can do all that it is there for, as /readyz says, else 0.',
    registers,
    async collect() {
      this.set((await isReady()) ? 1 : 0);
    },
  });
  new Gauge({
    name: 'familiar_disk_free_bytes',
    help: 'Bytes that may still be written where the register is.',
    registers,
    async collect() {
      this.set(await diskFreeBytes());
    },
  });
  new Gauge({
    name: 'familiar_build_info',
    help: 'Always 1; the labels are the version of the program and the model that embeds faces.',
    labelNames: ['version', 'model'],
    registers,
    collect() {
      this.reset();
      this.set(build(), 1);
    },
  });
}
