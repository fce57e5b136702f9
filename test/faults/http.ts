import type { Fault } from './fault.ts';

/** Faults in what becomes of a client that leaves. */
const gone: readonly Fault[] = [
  {
    breaks: 'nothing is computed for clients that have left: their signal aborts',
    file: 'http/routes.ts',
    right: 'if (!reply.raw.writableFinished) controller.abort();',
    wrong: '',
    testFile: 'http/gone.test.ts',
    testName: 'a client that leaves is not worked for: its picture is given up',
  },
  {
    breaks: 'nothing is computed for clients that have left: the call has their signal',
    file: 'http/call.ts',
    right: 'this.#signal ??= this.#call.signal();',
    wrong: 'this.#signal ??= new AbortController().signal;',
    testFile: 'http/gone.test.ts',
    testName: 'a client that leaves is not worked for: its picture is given up',
  },
  {
    breaks: 'of a body nothing is kept for a picture that is a part of it',
    file: 'http/pictures.ts',
    right: 'bytes.byteLength >= bodyShareMin * bytes.buffer.byteLength',
    wrong: 'bytes.byteLength >= 0',
    testFile: 'http/pictures.test.ts',
    testName: 'the bytes of a picture stand alone, and are handed over once',
  },
  {
    breaks: 'nothing is downloaded for clients that have left',
    file: 'http/pictures.ts',
    right: '{ signal, party: appid, lease }',
    wrong: '{ party: appid, lease }',
    testFile: 'http/gone.test.ts',
    testName: 'a client that leaves is not worked for: its download ends',
  },
  {
    breaks: 'what goes on after an answer is not given up because the connection ends',
    file: 'http/routes.ts',
    right: 'if (!reply.raw.writableFinished) controller.abort();',
    wrong: 'controller.abort();',
    testFile: 'http/gone.test.ts',
    testName: 'a call that was answered is given up by nobody, though its client leaves',
  },
  {
    breaks: 'a client that leaves is seen in the log',
    file: 'http/server.ts',
    right: `  http.addHook('onSend', (request, reply, payload, done) => {
    if (!request.raw.complete) discards.add(request.raw);
    logWhenOver(request, reply, parts.onOver);
    done(null, payload);
  });`,
    wrong: `  http.addHook('onResponse', async (request, reply) => logLine(request, reply));`,
    testFile: 'http/gone.test.ts',
    testName: 'a call whose client left is counted as failed, and has its line in the log',
  },
  {
    breaks: 'a client that leaves is told from a bug',
    file: 'http/conclude.ts',
    right: `  if ((error as Error).name === 'AbortError') return new Refusal('invalidRequest', 'the client went away');\n`,
    wrong: '',
    testFile: 'http/gone.test.ts',
    testName: 'a call whose client left is counted as failed, and has its line in the log',
  },
];

/** Faults in https and in what pages of other origins may do. */
const https: readonly Fault[] = [
  {
    breaks: 'connections over https count as those over http do',
    file: 'http/server.ts',
    right: "      prepare(listener, 'secureConnection');",
    wrong: "      prepare(listener, 'connection');",
    testFile: 'http/https.test.ts',
    testName: 'a call over https is answered as over http, and its connection is one of the appid’s',
  },
  {
    breaks: 'a certificate that cannot be used does not take the place of one that can',
    file: 'http/certificates.ts',
    right: '      this.#onReload(error);',
    wrong: '      this.#loaded = [];\n      this.#onReload(error);',
    testFile: 'http/https.test.ts',
    testName:
      'certificates that change are served without a restart; what cannot be used is told, and the old ones stay',
  },
  {
    breaks: 'a page of an origin that is not listed may not read answers',
    file: 'http/cors.ts',
    right: "origins.includes('*') ? '*' : [...origins]",
    wrong: 'true',
    testFile: 'http/cors.test.ts',
    testName: 'a page of another origin is told nothing, and without the setting nobody is',
  },
];

/** Faults in how a client is asked for its body. */
const expect: readonly Fault[] = [
  {
    breaks: 'a body is asked for only when its signature is good, and else the connection ends, on which it is missing',
    file: 'http/engine.ts',
    right: `      this.#waiting.add(request);
      server.emit('request', request, response);`,
    wrong: `      response.writeContinue();
      server.emit('request', request, response);`,
    testFile: 'http/expect.test.ts',
    testName: 'who is refused before the body was asked for is told that the connection ends, and it does',
  },
  {
    breaks: 'a client that waits to be asked for its body is asked',
    file: 'http/engine.ts',
    right: 'if (this.#waiting.delete(request)) response.writeContinue();',
    wrong: 'this.#waiting.delete(request);',
    testFile: 'http/expect.test.ts',
    testName: 'who is asked for the body keeps the connection, and may call again on it',
  },
  {
    breaks: 'nobody uploads a body that is refused for its length',
    file: 'http/engine.ts',
    right: " || Number(request.headers['content-length']) > bodyBytesMax) return;",
    wrong: ') return;',
    testFile: 'http/expect.test.ts',
    testName: 'a body that announces too much is not asked for',
  },
  {
    breaks: 'a client that expects what nobody knows is answered in the envelope',
    file: 'http/engine.ts',
    right: `    server.on('checkExpectation', (request, response) => server.emit('request', request, response));\n`,
    wrong: '',
    testFile: 'http/expect.test.ts',
    testName: 'any other expectation is passed over',
  },
];

/** Faults in how a server finishes. */
const drain: readonly Fault[] = [
  {
    breaks: 'a server that is told to finish does not wait for connections without a request, or with half of one',
    file: 'http/connections.ts',
    right: 'for (const [socket, requests] of this.#inFlight) if (requests === 0) socket.destroy();',
    wrong: '',
    testFile: 'http/drain.test.ts',
    testName: 'a server that finishes closes idle connections at once, and answers what is in flight',
  },
  {
    breaks: 'a server that is told to finish cuts off nobody',
    file: 'http/connections.ts',
    right: 'if (requests === 0) socket.destroy();',
    wrong: 'socket.destroy();',
    testFile: 'http/drain.test.ts',
    testName: 'a server that finishes closes idle connections at once, and answers what is in flight',
  },
  {
    breaks: 'a connection whose last request is answered does not keep the server from ending',
    file: 'http/connections.ts',
    right: 'if (this.#closing && left === 0) socket.end();',
    wrong: '',
    testFile: 'http/drain.test.ts',
    testName: 'a server that finishes closes idle connections at once, and answers what is in flight',
  },
  {
    breaks: 'a client that has sent two requests gets two answers while the server finishes',
    file: 'http/connections.ts',
    right: 'if (this.#closing && left === 0) socket.end();',
    wrong: 'if (this.#closing) socket.end();',
    testFile: 'http/drain.test.ts',
    testName: 'a connection with two requests in flight ends when both are answered',
  },
  {
    breaks: 'a server that finishes begins nothing new',
    file: 'http/server.ts',
    right: '    state.isDraining = true;\n',
    wrong: '',
    testFile: 'http/drain.test.ts',
    testName: 'a request that comes while the server finishes is refused, and told that the connection ends',
  },
];

/** Faults in downloads. */
const downloads: readonly Fault[] = [
  {
    breaks: 'no connection of a download outlives it',
    file: 'http/download.ts',
    right: '    await client.destroy();\n',
    wrong: '',
    testFile: 'http/download-sockets.test.ts',
    testName: 'whatever comes of a download, its connection is ended',
  },
  {
    breaks: 'a server that dawdles over a connection does not hold one for a caller who has left',
    file: 'http/download.ts',
    right: 'signal: AbortSignal.any([gone, late]),',
    wrong: 'signal: late,',
    testFile: 'http/download-sockets.test.ts',
    testName: 'a caller who leaves while the connection is being made ends it at once',
  },
  {
    breaks: 'a server that dawdles over a connection does not hold a download beyond its time',
    file: 'http/download.ts',
    right: 'signal: AbortSignal.any([gone, late]),',
    wrong: 'signal: gone,',
    testFile: 'http/download-sockets.test.ts',
    testName: 'a download that is out of time while the connection is being made ends it',
  },
];

/** Faults in what a connection without a request, or without a sender, is answered. */
const connections: readonly Fault[] = [
  {
    breaks: 'a client that closes its side of the connection has its answer',
    file: 'http/half-closed.ts',
    right: '  Object.assign(server, { httpAllowHalfOpen: true });\n',
    wrong: '',
    testFile: 'http/half-closed.test.ts',
    testName: 'a client that closes its side of the connection has its answer, and then the connection ends',
  },
  {
    breaks: 'nothing is computed for a client that has left without a word',
    file: 'http/half-closed.ts',
    right: '    timer = setInterval(probeAll, probeEveryMs);\n',
    wrong: '',
    testFile: 'http/half-closed.test.ts',
    testName: 'a client that closes its side and then leaves is not worked for',
  },
  {
    breaks: 'a client that knows no interim answers gets none',
    file: 'http/half-closed.ts',
    right: 'request.httpVersionMinor > 0 && ',
    wrong: '',
    testFile: 'http/half-closed.test.ts',
    testName: 'a client of HTTP/1.0 that closes its side gets its answer and nothing before it',
  },
  {
    breaks: 'a client that asks for a tunnel is answered',
    file: 'http/server.ts',
    right: '    answerConnect(listener);\n',
    wrong: '',
    testFile: 'http/not-http.test.ts',
    testName: 'CONNECT is answered as any wrong method is, and the connection ends',
  },
];

/** Faults in what strangers are told. */
const strangers: readonly Fault[] = [
  {
    breaks: 'nobody finds out by urls which names this network has',
    file: 'http/download.ts',
    right: "new Refusal('downloadFailed', 'the host was not reached',",
    wrong: "new Refusal('downloadFailed', reason,",
    testFile: 'http/telling.test.ts',
    testName: 'a caller is not told why a picture’s host was not reached, and the log is',
  },
  {
    breaks: 'strangers are not told what is wrong with the server',
    file: 'http/routes.ts',
    right: "if (fault !== '') throw new Refusal('unavailable');",
    wrong: "if (fault !== '') throw new Refusal('unavailable', fault);",
    testFile: 'http/telling.test.ts',
    testName: 'whoever asks is told whether the server is ready, and the log why it is not, once for each reason',
  },
];

/** Faults in what the server does with requests. */
export const http: readonly Fault[] = [
  ...gone,
  ...expect,
  ...https,
  ...drain,
  ...connections,
  ...strangers,
  ...downloads,
];
