import type { Fault } from './fault.ts';

const modelTest = 'a model is another with each thing that embeddings come from, and with nothing else';

/** Faults in who looks at pictures, and when. */
const looking: readonly Fault[] = [
  {
    breaks:
      'a place is given back when the worker is free, not when the caller gives up: workers and queue have limits',
    file: 'vision/pool/dispatch.ts',
    right: `    const answer = await unlessAborted(
      ask(ownBytes(picture), { facesMax, parts: parts ?? everything }).finally(leave),
      signal,
    );`,
    wrong: `    const answer = await unlessAborted(
      ask(ownBytes(picture), { facesMax, parts: parts ?? everything }),
      signal,
    ).finally(leave);`,
    testFile: 'vision/dispatch.test.ts',
    testName: 'whoever gives up is let go, but the worker still counts as busy until it is free',
  },
  {
    breaks: 'whoever gives up while a worker looks is let go at once',
    file: 'vision/pool/dispatch.ts',
    right: 'if (!signal) return answer;',
    wrong: 'if (signal) return answer;',
    testFile: 'vision/dispatch.test.ts',
    testName: 'whoever gives up is let go, but the worker still counts as busy until it is free',
  },
  {
    breaks: 'a picture that takes too long is given up with its worker',
    file: 'vision/pool/dispatch.ts',
    right: 'setTimeout(() => overdue.abort(), deadlineMs)',
    wrong: 'setTimeout(() => overdue.abort(), 2 * deadlineMs)',
    testFile: 'vision/dispatch.test.ts',
    testName: 'the deadline counts from when a worker has the picture, and gives up the worker',
  },
  {
    breaks: 'a worker that is lost gives its place back',
    file: 'vision/pool/dispatch.ts',
    right: '.finally(leave)',
    wrong: '.then((answer) => (leave(), answer))',
    testFile: 'vision/dispatch.test.ts',
    testName: 'a worker that is lost refuses its picture, keeps the cause, and frees its place',
  },
  {
    breaks: 'a picture that lies in a larger buffer does not take its neighbours with it',
    file: 'vision/pool/dispatch.ts',
    right: 'buffer.byteLength === picture.byteLength',
    wrong: 'buffer.byteLength >= picture.byteLength',
    testFile: 'vision/dispatch.test.ts',
    testName: 'a picture is handed over where it lies, and copied only out of a larger buffer',
  },
];

/** Faults that compare embeddings which cannot be compared. */
const models: readonly Fault[] = [
  {
    breaks: 'embeddings of another version of the preprocessing are of another model',
    file: 'vision/pipeline/model.ts',
    right: `update(\`preprocessing \${preprocessing}\\n\`)`,
    wrong: `update('preprocessing 1\\n')`,
    testFile: 'vision/model.test.ts',
    testName: modelTest,
  },
  {
    breaks: 'embeddings of other learned parameters are of another model',
    file: 'vision/pipeline/model.ts',
    right: `if (embedding.length > 0) hash.update(\`parameters \${parameters}\\n\`);`,
    wrong: '',
    testFile: 'vision/model.test.ts',
    testName: modelTest,
  },
  ...(['detector', 'mesher'] as const).map((role) => ({
    breaks: `embeddings of faces that another ${role} has found are of another model`,
    file: 'vision/pipeline/model.ts',
    right: `['detector', 'mesher', ...embedding]`,
    wrong: `['${role === 'detector' ? 'mesher' : 'detector'}', ...embedding]`,
    testFile: 'vision/model.test.ts',
    testName: modelTest,
  })),
  {
    breaks: 'embeddings of another recogniser are of another model',
    file: 'vision/pipeline/model.ts',
    right: `pack?.recogniser ? [] : (['recogniser'] as const)`,
    wrong: `pack?.recogniser ? [] : (['detector'] as const)`,
    testFile: 'vision/model.test.ts',
    testName: modelTest,
  },
  {
    breaks: 'embeddings of a pack are of another model than those of any other',
    file: 'vision/pipeline/model.ts',
    right: `if (pack) hash.update(\`pack \${digestOf(pack)}\\n\`);`,
    wrong: `if (pack) hash.update('pack\\n');`,
    testFile: 'vision/model.test.ts',
    testName: 'a model is another with each pack, and with none',
  },
  {
    breaks: 'embeddings stay comparable where nothing has changed: the digest of a model is kept',
    file: 'vision/pipeline/model.ts',
    right: `hash.update(\`\${networks[roles[role].name].sha256}\\n\`)`,
    wrong: 'hash.update(networks[roles[role].name].sha256)',
    testFile: 'vision/model.test.ts',
    testName: 'a model keeps its digest, under which embeddings are registered',
  },
  {
    breaks: 'the digest of the parameters covers each of them',
    file: 'vision/pipeline/embed.ts',
    right: 'update(JSON.stringify(mean))',
    wrong: 'update(JSON.stringify(mean.length))',
    testFile: 'vision/model.test.ts',
    testName: 'the digest of the parameters is another with any of them',
  },
];

/** Faults in what a likeness means. */
const scores: readonly Fault[] = [
  {
    breaks: 'the confidences of a pack are on the scale of its own recogniser',
    file: 'vision/pipeline/score.ts',
    right: 'scoreOf: score }',
    wrong: 'scoreOf }',
    testFile: 'vision/score.test.ts',
    testName: "a pack that brings a recogniser brings its own scores, and any other has the built-in ones'",
  },
];

/** Faults in what is seen in pictures. */
export const vision: readonly Fault[] = [...looking, ...models, ...scores];
