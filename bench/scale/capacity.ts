/**
 * How many servers, how much memory and which database a number of faces and of pictures a second take, worked out of figures that
 * stand in the pages of `bench/results`. The tables of docs/scale.md are made of it, by `npm run generate`.
 */
import { table } from '../../tools/markdown.ts';
import { createRandom } from '../statistics.ts';

/** Reads a page of results; its name is that of the file in `bench/results`. */
export type ReadPage = (name: string) => string;

/** A figure that was measured, and where it stands. */
interface Figure {
  readonly name: readonly [english: string, chinese: string];
  readonly page: string;
  /** Finds the number, with commas between thousands, as its first group. */
  readonly pattern: RegExp;
  readonly unit: readonly [english: string, chinese: string];
  /** What the number of the page is multiplied with. */
  readonly times?: number;
}

/** Cores and threads of the machine that the figures were measured on. */
const coresMeasured = 2;

const figures = {
  picturesPerCore: {
    name: ['newperson a second and core, with the networks', '每核每秒 newperson（含神经网络）'],
    page: 'README.md',
    pattern: /\| newperson, 8 connections \| ([\d,.]+) \|/,
    unit: ['a second', '次/秒'],
    times: 1 / coresMeasured,
  },
  scanMs: {
    name: ['search of a million faces, in time of one core', '检索一百万张人脸，单核时间'],
    page: 'search.md',
    pattern: /\| 1 probe \| ([\d,.]+) \|/,
    unit: ['ms', '毫秒'],
    times: coresMeasured,
  },
  indexBytes: {
    name: ['a face in the index, in memory', '索引中每张人脸占用的内存'],
    page: 'search.md',
    pattern: /Memory a face: ([\d,.]+) bytes/,
    unit: ['bytes', '字节'],
  },
  filing: {
    name: ['faces a second that an index is filled with', '装入索引的速度'],
    page: 'search.md',
    pattern: /([\d,.]+) faces a second on one thread/,
    unit: ['faces', '张/秒'],
  },
  restMb: {
    name: ['a server at rest, without faces', '空载服务器的内存'],
    page: 'README.md',
    pattern: /\| resident memory at rest, all processes \| ([\d,.]+) MB/,
    unit: ['MB', 'MB'],
  },
  databaseBytes: {
    name: ['a face in PostgreSQL, with everything that is kept of it', 'PostgreSQL 中每张人脸（含全部数据）'],
    page: 'scale.md',
    pattern: /\| PostgreSQL \| ([\d,.]+) \|\n\nOne/,
    unit: ['bytes', '字节'],
  },
  writes: {
    name: ['registrations a second in one PostgreSQL, 32 callers', '单个 PostgreSQL 每秒登记（32 个并发）'],
    page: 'scale.md',
    pattern: /\| PostgreSQL \| 32 \| ([\d,.]+) \|/,
    unit: ['a second', '次/秒'],
  },
  connections: {
    name: [
      'connections of a server to the database at most, without those of searches in the database',
      '每台服务器的数据库连接数上限（不含在数据库中检索所用的连接）',
    ],
    page: 'scale.md',
    pattern: /It has ([\d,.]+) at most, and one more for each core/,
    unit: ['', ''],
  },
  threeServers: {
    name: [
      'calls that three servers over one database answer, in times of one server',
      '同一数据库上三台服务器的吞吐量与一台之比',
    ],
    page: 'nodes.md',
    pattern: /Three do ([\d,.]+) times what one does/,
    unit: ['times', '倍'],
  },
  newpersonMore: {
    name: ['newperson with PostgreSQL, more than with SQLite', 'newperson：PostgreSQL 比 SQLite 多用的时间'],
    page: 'nodes.md',
    pattern: /The median is ([\d,.]+) ms more with PostgreSQL/,
    unit: ['ms', '毫秒'],
  },
  loading: {
    name: ['faces a second that a server loads from PostgreSQL', '服务器从 PostgreSQL 装入的速度'],
    page: 'budget.md',
    pattern: /\| 400,000 \| [\d,]* \| [\d.]+ \| ([\d,]+) \|/,
    unit: ['faces', '张/秒'],
  },
  reading: {
    name: [
      'search of 400,000 faces that no server has in memory, by reading them',
      '检索不在内存中的 40 万张人脸：逐行读取',
    ],
    page: 'budget.md',
    pattern: /\| 400,000 \|(?:[^|]*\|){3} ([\d,.]+) \(/,
    unit: ['ms', '毫秒'],
  },
  byVectors: {
    name: ['the same by pgvector, exactly', '同上：pgvector 精确检索'],
    page: 'budget.md',
    pattern: /\| 400,000 \|(?:[^|]*\|){2} ([\d,.]+) \(/,
    unit: ['ms', '毫秒'],
  },
} as const satisfies Record<string, Figure>;

type Measured = Readonly<Record<keyof typeof figures, number>>;

/** What is assumed; whoever plans puts their own in its place. */
const assumed = {
  /** Cores of a server, and of a machine of the database. */
  cores: 32,
  /** Memory of a server for galleries, in bytes: half of 128 GiB. */
  indexMemory: 64 * 2 ** 30,
  /** The share of its time that a core works, so that there is room for a server that is lost and for peaks. */
  load: 0.7,
  /** The share of pictures that are registered; the others are searched for. */
  registered: 0.1,
  /** Faces that a search looks at: a full group, 20,000 persons of five faces. */
  searched: 100_000,
  /** Bytes of a picture: `sample3.jpg`, which the benchmark sends. */
  picture: 221_049,
  /** What one machine of the database keeps, in bytes. */
  disk: 4e12,
  /** Appids, of the same size. */
  appids: 1_000,
} as const;

/** One line of the plan. */
export interface Plan {
  readonly faces: number;
  readonly pictures: number;
  /** Servers that the pictures need, that the galleries need if each server has its appids, and the larger of both. */
  readonly byPictures: number;
  readonly byMemory: number;
  readonly servers: number;
  /** Memory of galleries in each server, in bytes: with all appids, and with its own. */
  readonly roundRobin: number;
  readonly hashed: number;
  /** Bytes of the database, registrations a second, machines that hold it, connections. */
  readonly database: number;
  readonly writes: number;
  readonly machines: number;
  readonly connections: number;
  /** Bits a second that come in. */
  readonly network: number;
}

const faceCounts = [1e6, 1e8, 1e9];
const pictureRates = [100, 1_000, 10_000];

/** Reads the figures. @throws Error that names the one that is not in its page. */
export function readFigures(read: ReadPage): Measured {
  const found = Object.entries<Figure>(figures).map(([name, { page, pattern, times = 1 }]) => {
    const text = pattern.exec(read(page))?.[1];
    if (text === undefined) throw new Error(`bench/results/${page} does not say ${name}: ${pattern}`);
    return [name, Number(text.replaceAll(',', '')) * times];
  });
  return Object.fromEntries(found) as Measured;
}

/** Works out what a number of faces and of pictures a second take. */
export function plan(measured: Measured, faces: number, pictures: number): Plan {
  const { cores, load, registered, searched, indexMemory, disk } = assumed;
  const coreSeconds = 1 / measured.picturesPerCore + (((1 - registered) * searched) / 1e6) * (measured.scanMs / 1_000);
  const byPictures = Math.ceil((pictures * coreSeconds) / (cores * load));
  let byMemory = 1;
  while (faces * measured.indexBytes * largestShare(byMemory) > indexMemory) byMemory += 1;
  const servers = Math.max(2, byPictures, byMemory);
  const database = faces * measured.databaseBytes;
  const writes = pictures * registered;
  // The figure is that of a server and a database that share the cores of one machine.
  const writesOfMachine = measured.writes * (cores / coresMeasured) * load;
  return {
    faces,
    pictures,
    byPictures,
    byMemory,
    servers,
    roundRobin: faces * measured.indexBytes,
    hashed: faces * measured.indexBytes * largestShare(servers),
    database,
    writes,
    machines: Math.max(Math.ceil(database / disk), Math.ceil(writes / writesOfMachine)),
    connections: servers * (measured.connections + cores),
    network: pictures * assumed.picture * 8,
  };
}

const shares = new Map<number, number>();

/** The largest share of the appids that a server gets, where each has its place by a hash: drawn, and always the same. */
export function largestShare(servers: number): number {
  const known = shares.get(servers);
  if (known !== undefined) return known;
  const random = createRandom(1);
  const counts = new Uint32Array(servers);
  for (let i = 0; i < assumed.appids; i++) counts[Math.floor(random() * servers)]! += 1;
  const share = Math.max(...counts) / assumed.appids;
  shares.set(servers, share);
  return share;
}

/** The tables of the page: the figures and where they come from, and the plans. */
export function renderCapacity(read: ReadPage, language: 'en' | 'zh'): string {
  const measured = readFigures(read);
  const i = language === 'en' ? 0 : 1;
  const base = language === 'en' ? '../bench/results' : '../../bench/results';
  const rows = Object.entries<Figure>(figures).map(([key, { name, page, unit }], at) => [
    `F${at + 1}`,
    name[i],
    `${number(measured[key as keyof Measured])} ${unit[i]}`.trim(),
    `[${page}](${base}/${page})`,
  ]);
  const plans = faceCounts.flatMap((faces) => pictureRates.map((pictures) => plan(measured, faces, pictures)));
  return [table(heads.figures[language], rows), '', table(heads.plans[language], plans.map(lineOf))].join('\n');
}

const heads = {
  figures: {
    en: ['', 'figure', 'measured', 'in'],
    zh: ['', '指标', '实测值', '来源'],
  },
  plans: {
    en: [
      'faces',
      'pictures a second',
      'servers (F1, F2)',
      'servers for memory (F3, S1)',
      'servers',
      'index of a server, round robin (F3)',
      'index of a server, by appid (F3, S1)',
      'database (F6)',
      'registrations a second',
      'database machines (F6, F7)',
      'connections (F8, and one a core)',
      'network in',
    ],
    zh: [
      '人脸数',
      '每秒图片',
      '计算所需服务器（F1、F2）',
      '内存所需服务器（F3、S1）',
      '服务器',
      '每台索引，轮询（F3）',
      '每台索引，按 appid（F3、S1）',
      '数据库（F6）',
      '每秒登记',
      '数据库机器（F6、F7）',
      '连接数（F8，另加每核一个）',
      '入站带宽',
    ],
  },
} as const;

function lineOf(one: Plan): readonly string[] {
  return [
    number(one.faces),
    number(one.pictures),
    number(one.byPictures),
    number(one.byMemory),
    number(one.servers),
    bytes(one.roundRobin),
    bytes(one.hashed),
    bytes(one.database),
    number(one.writes),
    number(one.machines),
    number(one.connections),
    `${number(Math.round(one.network / 1e6) / 1_000)} Gbit/s`,
  ];
}

function number(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });
}

function bytes(value: number): string {
  return value < 1e12 ? `${number(Math.round(value / 1e8) / 10)} GB` : `${number(Math.round(value / 1e10) / 100)} TB`;
}
