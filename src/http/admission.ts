/** Decides which calls are let in before anything is done for them: as many as can be served in the time that callers wait. */
import { Busy } from './busy.ts';

/** What one appid may have in flight. */
export interface AppidLimits {
  /** Calls. */
  readonly callsMax: number;
  /** Pictures; a call with more of them is let in alone. */
  readonly picturesMax: number;
}

/** What decides who is let in. */
export interface AdmissionLimits {
  /** Pictures analysed at once; from 1. */
  readonly workers: number;
  /** The longest that a picture may be expected to wait for a worker, in milliseconds. */
  readonly queueWaitMaxMs: number;
}

/** The calls that are let in, and how long a picture will wait. */
export interface Admission {
  /**
   * Lets a call in.
   * @param pictures how many it has at least.
   * @param limits of the appid.
   * @throws Busy if it would wait too long, or the appid has too much in flight.
   */
  begin(appid: string, pictures: number, limits: AppidLimits): AdmittedCall;
  /** The longest that a picture may really wait, in milliseconds: expectations err. */
  readonly patienceMs: number;
  /** What is in flight now. */
  load(): Load;
}

/** What is in flight. */
export interface Load {
  readonly calls: number;
  /** Pictures that wait for a worker, or have one, or are about to come. */
  readonly queued: number;
  /** How long a picture of an appid with none in flight will wait, in milliseconds. */
  readonly expectedWaitMs: number;
  readonly picturesByAppid: ReadonlyMap<string, number>;
}

/** A call that was let in; disposing of it ends it. */
export interface AdmittedCall extends Disposable {
  /**
   * Says, when the body is there, how many pictures it has, and how many of them must be downloaded first.
   * @throws Busy if they would wait too long, or the appid has too much in flight; never for what was announced.
   */
  found(pictures: number, downloads: number): void;
  /** One of the pictures has waited for a worker, for so many milliseconds, and has one or is given up. */
  waited(ms: number): void;
  /** A worker has analysed one of the pictures, for so many milliseconds. */
  analyzed(ms: number): void;
  /** A worker has compared crops for the call, for so many milliseconds: they are part of what its pictures cost. */
  compared(ms: number): void;
  /** One of the pictures was downloaded, and waits for a worker from now on. */
  downloaded(): void;
  /** One of the pictures is done with, whatever came of it. */
  done(wasQueued: boolean): void;
}

/** The time that a picture is expected to take before one was measured: long, so that a start is not flooded. */
const firstPictureMs = 300;
/** The weight of the newest measurement in the moving average: the last eight make nine tenths of it. */
const newestShare = 0.25;
/** Shorter waits than this, in milliseconds, are not compared with the expected ones. */
const leastWaitMs = 100;
/** How long a body that was announced is counted as about to come, in milliseconds. */
const announcedMs = 1_000;
/** How much longer than expected a picture may wait. */
const patience = 1.5;
/** The longest that a caller is told to stay away, in milliseconds: who waits longer has given up. */
const retryAfterMaxMs = 30_000;

/** What an appid has in flight. */
interface InFlight {
  calls: number;
  pictures: number;
  /** Those of the pictures that wait for a worker, or have one, or are about to come. */
  queued: number;
  /**
   * How many times longer than foreseen its pictures waited of late, from 1: those of other appids that come later are
   * served before them.
   */
  slowness: number;
  /**
   * When there is room for one more of its pictures, of those that were told to come later, too: on the clock of
   * `performance.now()`.
   */
  roomAt: number;
}

/** An appid with nothing in flight. */
const newcomer = (): InFlight => ({ calls: 0, pictures: 0, queued: 0, slowness: 1, roomAt: 0 });

function sumOf(appids: ReadonlyMap<string, InFlight>, of: (theirs: InFlight) => number): number {
  return [...appids.values()].reduce((sum, theirs) => sum + of(theirs), 0);
}

/** Makes an admission that has let in nobody yet. */
export function createAdmission(limits: AdmissionLimits): Admission {
  let pictureMs = firstPictureMs;
  const appids = new Map<string, InFlight>();

  /** How long one more picture of an appid will wait, when the appids take turns. */
  const expectedWaitMs = (theirs: InFlight): number => {
    let ahead = theirs.queued;
    for (const other of appids.values()) if (other !== theirs) ahead += Math.min(other.queued, theirs.queued + 1);
    return (Math.max(0, ahead - limits.workers + 1) * pictureMs * theirs.slowness) / limits.workers;
  };
  const refuseIfTooMuch = (theirs: InFlight, pictures: number, picturesMax: number): void => {
    if (theirs.pictures > 0 && theirs.pictures + pictures > picturesMax) throw new Busy('pictures in flight');
    const waitMs = pictures === 0 ? 0 : expectedWaitMs(theirs);
    if (pictures === 0 || waitMs <= limits.queueWaitMaxMs) return;
    throw new Busy('pictures are waiting', Math.ceil(retryAfterMs(theirs, pictures, waitMs) / 1000));
  };
  /** When to come again: each when there is room for it, since all who come at one moment would find the same queue again. */
  const retryAfterMs = (theirs: InFlight, pictures: number, waitMs: number): number => {
    const now = performance.now();
    const takesMs = (pictures * pictureMs * theirs.slowness) / limits.workers;
    const roomAt = Math.max(now + waitMs - limits.queueWaitMaxMs, theirs.roomAt + takesMs);
    theirs.roomAt = Math.min(roomAt, now + retryAfterMaxMs);
    // What is added to a time and taken from it again may come back a little larger.
    return Math.min(Math.max(1, theirs.roomAt - now), retryAfterMaxMs);
  };

  /** Learns what the pictures of a call cost on average, as if each of them had been measured. */
  const learn = (pictures: number, ms: number): void => {
    if (pictures > 0) pictureMs += (ms / pictures - pictureMs) * (1 - (1 - newestShare) ** pictures);
  };

  return {
    get patienceMs() {
      return patience * limits.queueWaitMaxMs;
    },
    load: () => ({
      calls: sumOf(appids, ({ calls }) => calls),
      queued: sumOf(appids, ({ queued }) => queued),
      expectedWaitMs: expectedWaitMs(newcomer()),
      picturesByAppid: new Map([...appids].map(([appid, { pictures }]) => [appid, pictures])),
    }),
    begin(appid, announced, { callsMax, picturesMax }) {
      const theirs = appids.get(appid) ?? newcomer();
      if (theirs.calls >= callsMax) throw new Busy('calls in flight');
      refuseIfTooMuch(theirs, announced, picturesMax);
      const foreseenMs = announced === 0 ? 0 : expectedWaitMs(theirs) / theirs.slowness;
      appids.set(appid, theirs);
      theirs.calls += 1;
      const end = (worked: Worked): void => {
        learn(worked.pictures, worked.ms);
        theirs.calls -= 1;
        if (theirs.calls === 0) appids.delete(appid);
      };
      const refuseMore = (pictures: number): void => refuseIfTooMuch(theirs, pictures, picturesMax);
      return new CallInFlight(theirs, announced, foreseenMs, refuseMore, end);
    },
  };
}

/** What workers did for a call. */
interface Worked {
  pictures: number;
  ms: number;
}

/** A call that was let in: a class, since one is made for each, and most have no pictures. */
class CallInFlight implements AdmittedCall {
  readonly #theirs: InFlight;
  readonly #foreseenMs: number;
  readonly #refuseIfTooMuch: (pictures: number) => void;
  readonly #end: (worked: Worked) => void;
  readonly #worked: Worked = { pictures: 0, ms: 0 };
  readonly #timer: NodeJS.Timeout | undefined;
  #pictures = 0;
  #queued = 0;
  #isOver = false;

  constructor(
    theirs: InFlight,
    announced: number,
    foreseenMs: number,
    refuseIfTooMuch: (pictures: number) => void,
    end: (worked: Worked) => void,
  ) {
    this.#theirs = theirs;
    this.#foreseenMs = foreseenMs;
    this.#refuseIfTooMuch = refuseIfTooMuch;
    this.#end = end;
    if (announced === 0) return;
    this.#set(announced, announced);
    // A body on a slow line keeps nobody waiting until it is there.
    this.#timer = setTimeout(() => this.#set(this.#pictures, 0), announcedMs);
  }

  found(pictures: number, downloads: number): void {
    clearTimeout(this.#timer);
    const queued = pictures - downloads;
    const isMore = pictures > this.#pictures || queued > this.#queued;
    this.#set(0, 0);
    if (isMore) this.#refuseIfTooMuch(pictures);
    this.#set(pictures, queued);
  }

  waited(ms: number): void {
    if (this.#foreseenMs < leastWaitMs) return;
    this.#theirs.slowness += (Math.max(1, ms / this.#foreseenMs) - this.#theirs.slowness) * newestShare;
  }

  analyzed(ms: number): void {
    this.#worked.pictures += 1;
    this.#worked.ms += ms;
  }

  compared(ms: number): void {
    this.#worked.ms += ms;
  }

  downloaded(): void {
    this.#set(this.#pictures, this.#queued + 1);
  }

  done(wasQueued: boolean): void {
    this.#set(this.#pictures - 1, this.#queued - (wasQueued ? 1 : 0));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    this.#set(0, 0);
    this.#isOver = true;
    this.#end(this.#worked);
  }

  #set(pictures: number, queued: number): void {
    // What a call does after its client has left is not counted any more.
    if (this.#isOver) return;
    this.#theirs.pictures += pictures - this.#pictures;
    this.#theirs.queued += queued - this.#queued;
    this.#pictures = pictures;
    this.#queued = queued;
  }
}
