import type { Fault } from './fault.ts';

/** Faults in what is counted of memory, and given back. */
const memory: readonly Fault[] = [
  {
    breaks: 'a server that answers for long does not take more and more memory for the requests in flight',
    file: 'concurrency/slots.ts',
    right: '    this.#free.push(slot);\n',
    wrong: '',
    testFile: 'concurrency/slots.test.ts',
    testName: 'slots are used again, so that there are never more than were used at once',
  },
  ...[
    {
      breaks: 'one appid never holds all the memory',
      right: 'theirs === 0 ? left >= 0 : left >= theirs + amount',
      wrong: 'left >= 0',
      testName: 'one party gets half, two get a third each, and a newcomer always finds something',
    },
    {
      breaks: 'a call that goes on after its client has left does not hold memory for ever',
      right: 'this.#hasEnded || amount === 0',
      wrong: 'amount === 0',
      testName: 'what is taken on a lease that has ended is not counted, for nobody would give it back',
    },
  ].map((fault) => ({ ...fault, file: 'concurrency/budget.ts', testFile: 'concurrency/budget.test.ts' })),
  ...[
    {
      breaks: 'the memory of a call is free when it is over, whatever way it ends',
      file: 'http/gate.ts',
      right: 'const lease = request.whenOver.use(memory.lease(appid));',
      wrong: 'const lease = memory.lease(appid);',
      testName: 'what a call holds is free again whatever becomes of it',
    },
    {
      breaks: 'bodies for which there is no memory are refused before they are sent',
      file: 'http/gate.ts',
      right: '    announceBody(lease, lengthOf(request.headers), bodyLimits);\n',
      wrong: '',
      testName: 'a body for which there is no memory is refused before it is sent, and what is small is served',
    },
    {
      breaks: 'calls without pictures go on when pictures fill the memory',
      file: 'http/memory.ts',
      right: 'if (lease.amount + bytes <= alwaysHeld) lease.add(bytes);\n  else if',
      wrong: 'if',
      testName: 'a body for which there is no memory is refused before it is sent, and what is small is served',
    },
    {
      breaks: 'bodies without a length are counted',
      file: 'http/read-body.ts',
      right: '      if (length === undefined) holdBytes(lease, piece.length);\n',
      wrong: '',
      testName: 'chunks are counted as they come, and those for which there is no memory end the call',
    },
    {
      breaks: 'a picture is counted while it waits, and its body is not',
      file: 'http/pictures.ts',
      right: '  lease.give(lease.amount);\n  lease.add(bytes);\n',
      wrong: '',
      testName:
        'a picture is counted while it waits for a worker, its body is not, and neither is once a worker has it',
    },
    {
      breaks: 'a picture that a worker has is not counted any more',
      file: 'http/analysis.ts',
      right: '      if (isTaken) lease.give(bytes);\n',
      wrong: '',
      testName:
        'a picture is counted while it waits for a worker, its body is not, and neither is once a worker has it',
    },
    {
      breaks: 'downloads are counted',
      file: 'http/download.ts',
      right: '      if (trip.lease !== undefined) holdBytes(trip.lease, piece.length);\n',
      wrong: '',
      testName: 'a download for which there is no memory is refused as every call is',
    },
    {
      breaks: 'nobody without a key can fill the memory',
      file: 'http/server.ts',
      right: `  for (const method of methodsWithBody) http.addHttpMethod(method, { hasBody: false, overrideExisting: true });\n`,
      wrong: '',
      testName: 'of a request that is no call of a proven caller, no body is read',
    },
  ].map((fault) => ({ ...fault, testFile: 'http/body-memory.test.ts' })),
  {
    breaks: 'a body that does not go on does not hold its memory for long',
    file: 'http/read-body.ts',
    right: '    lengthBefore = body.length;\n',
    wrong: '',
    testFile: 'http/slow-body.test.ts',
    testName: 'a body that comes too slowly ends, and one that is quick enough does not',
  },
];

/** Faults in what becomes of bodies that nobody reads. */
const discards: readonly Fault[] = [
  ...['http/discards.ts', 'http/read-body.ts'].map((file) => ({
    breaks: `bodies do not make the collector stop all calls (${file})`,
    file,
    right: 'freePiece(piece);\n',
    wrong: 'freePiece(new Uint8Array(0));\n',
    testFile: 'http/discards.test.ts',
    testName: 'the pieces of a body are free when it is there, and when nobody reads it',
  })),
  {
    breaks: 'bodies that nobody reads do not take the server from those whose call is served',
    file: 'http/discards.ts',
    right: '        if (this.#refill() <= 0) this.#pause(body);\n',
    wrong: '',
    testFile: 'http/discards.test.ts',
    testName: 'what nobody reads is passed over a little at a time, all bodies alike, to its end',
  },
];

/** Faults in who is let in. */
const admission: readonly Fault[] = [
  ...[
    {
      breaks: 'nobody is kept waiting for longer than callers wait',
      file: 'http/admission.ts',
      right: 'if (pictures === 0 || waitMs <= limits.queueWaitMaxMs) return;',
      wrong: 'return;',
      testName: 'as many pictures are let in as workers can begin in the time that callers wait',
    },
    {
      breaks: 'an appid that floods keeps no other from being let in',
      file: 'http/admission.ts',
      right: 'ahead += Math.min(other.queued, theirs.queued + 1);',
      wrong: 'ahead += other.queued;',
      testName: 'an appid waits for its own pictures, and for as many of each other as it has itself',
    },
    {
      breaks: 'nobody is told to stay away for longer than is said, not by the rounding of a sum',
      file: 'http/admission.ts',
      right: 'Math.min(Math.max(1, theirs.roomAt - now), retryAfterMaxMs)',
      wrong: 'Math.max(1, theirs.roomAt - now)',
      testFile: 'http/admission.test.ts',
      testName: 'nobody is told to stay away for more than half a minute, whatever the time is',
    },
    {
      breaks: 'those who are told to come later do not come all at one moment',
      file: 'http/admission.ts',
      right: 'theirs.roomAt + takesMs',
      wrong: 'takesMs',
      testName: 'who is refused is told to come again when there is room for it, each later than the one before',
    },
    {
      breaks: 'slow lines do not make the queue seem long',
      file: 'http/admission.ts',
      right: 'setTimeout(() => this.#set(this.#pictures, 0), announcedMs)',
      wrong: 'setTimeout(() => {}, announcedMs)',
      testName: 'a body that is long in coming keeps nobody waiting, and is let in again when it is there',
    },
    {
      breaks: 'comparisons are part of what pictures cost',
      file: 'http/admission.ts',
      right: '  compared(ms: number): void {\n    this.#worked.ms += ms;\n',
      wrong: '  compared(ms: number): void {\n    this.#worked.ms += 0 * ms;\n',
      testName: 'comparisons that a call needs are part of what its pictures cost, and none of them counts for more',
    },
    {
      breaks: 'comparisons take turns by appid',
      file: 'http/analysis.ts',
      right: '{ ...options, ...turn, party, isBackground }),\n      );\n      copies',
      wrong: '{ ...options, ...turn }),\n      );\n      copies',
      testFile: 'http/admitted-calls.test.ts',
      testName: 'crops are compared in turns of their appid, some at a time',
    },
    {
      breaks: 'a turn of comparisons takes no longer than a picture',
      file: 'http/analysis.ts',
      right: 'at += pairsOfTurnMax',
      wrong: 'at += Math.max(1, others.length)',
      testFile: 'http/admitted-calls.test.ts',
      testName: 'crops are compared in turns of their appid, some at a time',
    },
    {
      breaks: 'who has left is not counted for ever',
      file: 'http/admission.ts',
      right: '    if (this.#isOver) return;\n    this.#theirs.pictures',
      wrong: '    this.#theirs.pictures',
      testName: 'what a call announced, downloads, analyses and leaves is counted, and nothing is left',
    },
    {
      breaks: 'who was let in and waits all the same is told in the end',
      file: 'http/analysis.ts',
      right: "    late.abort(new Busy('pictures are waiting'));\n",
      wrong: '',
      testFile: 'http/admitted-calls.test.ts',
      testName: 'who would wait too long is refused before the body is sent, and others are served',
    },
    {
      breaks: 'pictures take turns by appid',
      file: 'http/analysis.ts',
      right: 'analyzer.analyze(picture, { ...options, ...turn, party, isBackground }),',
      wrong: 'analyzer.analyze(picture, { ...options, ...turn }),',
      testFile: 'http/admitted-calls.test.ts',
      testName: 'an analyzer is told whose picture it has',
    },
  ].map((fault) => ({ testFile: 'http/admission.test.ts', ...fault })),
  ...[
    {
      breaks: 'connections beyond the limit are told so',
      file: 'http/server.ts',
      right: '    if (connections.isSpare(request.raw.socket)) refuseConnection(reply);\n',
      wrong: '',
      testName: 'a connection beyond the limit is told so and closed, until one of the others ends',
    },
    {
      breaks: 'whoever has no key cannot keep callers out by opening connections',
      file: 'http/connections.ts',
      right: ' && !this.#dismissStranger()',
      wrong: '',
      testName: 'whoever has no key cannot keep callers out by opening connections',
    },
    {
      breaks: 'a caller’s connection is not closed for a stranger’s',
      file: 'http/connections.ts',
      right: '    this.#strangers.delete(socket);\n    this.#appids',
      wrong: '    this.#appids',
      testName: 'whoever has no key cannot keep callers out by opening connections',
    },
    {
      breaks: 'connections that have ended are not counted',
      file: 'http/connections.ts',
      right: '    this.#strangers.delete(socket);\n    this.#release(socket);\n',
      wrong: '',
      testName: 'an appid calls on no more connections than it may, and others on theirs',
    },
  ].map((fault) => ({ ...fault, testFile: 'http/connections.test.ts' })),
];

/** Faults in what the server holds and whom it lets in. */
export const overload: readonly Fault[] = [...memory, ...discards, ...admission];
