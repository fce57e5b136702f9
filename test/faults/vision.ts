import type { Fault } from './fault.ts';

const modelTest = 'a model is another with each thing that embeddings come from, and with nothing else';

/** Faults in who looks at pictures, and when. */
const looking: readonly Fault[] = [
  {
    breaks:
      'a place is given back when the worker is free, not when the caller gives up: workers and queue have limits',
    file: 'vision/pool/dispatch.ts',
    right: `    const answer = await unlessAborted(
      ask(ownBytes(picture), { facesMax, parts: parts ?? everything }).finally(() => worker[Symbol.dispose]()),
      signal,
    );`,
    wrong: `    const answer = await unlessAborted(
      ask(ownBytes(picture), { facesMax, parts: parts ?? everything }),
      signal,
    ).finally(() => worker[Symbol.dispose]());`,
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
    right: '.finally(() => worker[Symbol.dispose]())',
    wrong: '.then((answer) => (worker[Symbol.dispose](), answer))',
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

/** Faults in which faces are found. */
const locating: readonly Fault[] = [
  {
    breaks: 'a turned look that shows fewer faces does not hide the others',
    file: 'vision/pipeline/locate.ts',
    right: 'if (others.length >= best.length && certainty(others) > certainty(best)) best = others;',
    wrong: 'if (certainty(others) > certainty(best)) best = others;',
    testName: 'a turned look that shows fewer faces does not count, however sure it is',
  },
  {
    breaks: 'a turned look that shows as many faces, and surer ones, counts',
    file: 'vision/pipeline/locate.ts',
    right: 'others.length >= best.length &&',
    wrong: 'others.length > best.length &&',
    testName: 'a turned look counts if its face is surer than the upright one, and only then',
  },
  {
    breaks: 'a turned look that is less sure than the upright one does not count',
    file: 'vision/pipeline/locate.ts',
    right: 'if (others.length >= best.length && certainty(others) > certainty(best)) best = others;',
    wrong: 'if (others.length >= best.length) best = others;',
    testName: 'a turned look counts if its face is surer than the upright one, and only then',
  },
  {
    breaks: 'a face turned in the picture is shown upright to the mesh network',
    file: 'vision/pipeline/mesh.ts',
    right: '    angle: directionOf(eyes[0], eyes[1]),',
    wrong: '    angle: 0,',
    testName: 'a face turned at 31 degrees is shown upright to the network that confirms it',
  },
  {
    breaks: 'what a detector sees in a turned picture is looked at again as it was turned',
    file: 'vision/pipeline/locate.ts',
    right: 'side, angle }]);',
    wrong: 'side, angle: 0 }]);',
    testName: 'what is doubtful is looked at again from close by, turned as it was seen',
  },
  {
    breaks: 'a picture that somebody holds upside down is looked at turned, too',
    file: 'vision/pipeline/locate.ts',
    right: '  { margin: 1, quarters: 2 },\n',
    wrong: '',
    testName: 'a face is found wherever it is, however large and however it is turned',
  },
  {
    breaks: 'a face that fills the picture is found',
    file: 'vision/pipeline/locate.ts',
    right: '{ margin: 1.5, quarters: 0 }',
    wrong: '{ margin: 1, quarters: 0 }',
    testName: 'a face that fills the picture is seen from farther away',
  },
  {
    breaks: 'small faces beside a small one are found',
    file: 'vision/pipeline/locate.ts',
    right: 'box.width < smallShare * side',
    wrong: 'box.width < 0 * side',
    testName: 'a picture is looked at more closely where a small face was seen, and in it smaller ones are found',
  },
  {
    breaks: 'what a second look takes for somebody else does not confirm a face',
    file: 'vision/pipeline/locate.ts',
    right: 'iou(detection.box, box) > sameMin',
    wrong: 'iou(detection.box, box) >= 0',
    testName: 'a second look that shows another face does not confirm the first',
  },
  {
    breaks: 'one face is told once',
    file: 'vision/pipeline/locate.ts',
    right: 'nonMaximumSuppression(found, overlapOfSmaller, alikeMax)',
    wrong: 'nonMaximumSuppression(found, overlapOfSmaller, 1)',
    testName: 'two detections to which the same mesh is fitted are one face, the surer one',
  },
  {
    breaks: 'the largest face comes first, whoever is the surest',
    file: 'vision/pipeline/locate.ts',
    right: '    .toSorted((a, b) => area(b) - area(a));',
    wrong: ';',
    testName: 'faces come largest first, whatever their scores',
  },
].map((fault) => ({ ...fault, testFile: 'vision/locate.test.ts' }));

/** Faults in what a detector sees. */
const detecting: readonly Fault[] = [
  {
    breaks: 'tiles overlap, so that no face is cut by all of them',
    file: 'vision/pipeline/detect.ts',
    right: 'const tileStep = 0.7;',
    wrong: 'const tileStep = 1;',
    testName: 'tiles overlap by 0.3 of a side at least, and are as few as that allows',
  },
  {
    breaks: 'a face that several anchors see is where they see it together',
    file: 'vision/pipeline/detect.ts',
    right: 'group.reduce((sum, detection) => sum + value(detection) * detection.score, 0) / total;',
    wrong: 'value(group[0]) + 0 * total;',
    testName: 'detections of one face become their mean, weighted by score, with the best score',
  },
  {
    breaks: "what is seen in a turned tile is told in the picture's pixels",
    file: 'vision/pipeline/blazeface.ts',
    right: 'const toPicture = cropTransform(inputSize, tile.centre, tile.side, tile.angle);',
    wrong: 'const toPicture = cropTransform(inputSize, tile.centre, tile.side, 0);',
    testName: 'what a detector sees in a turned tile is told in pixels of the picture',
  },
  {
    breaks: 'anchors of both grids are read',
    file: 'vision/pipeline/blazeface.ts',
    right: 'cells: 8, anchors: 6',
    wrong: 'cells: 8, anchors: 2',
    testName: 'an anchor speaks of the place of its cell: two a cell of 16 pixels, six a cell of 32',
  },
].map((fault) => ({ ...fault, testFile: 'vision/detect.test.ts' }));

/** Faults in what is computed of a face, and in what a network that fails is called. */
const analysing: readonly Fault[] = [
  {
    breaks: 'a mesh without depth is a pose that failed, not an expression',
    file: 'vision/attributes/attributes.ts',
    right: `  if (!Number.isFinite(value)) throw new Refusal(refusal);`,
    wrong: `  if (!Number.isFinite(value) && refusal !== 'poseFailed') throw new Refusal(refusal);`,
    testName: 'a mesh without depth has no pose, and the answer is poseFailed',
  },
  {
    breaks: 'a mesh with points nowhere is a shape that failed',
    file: 'vision/pipeline/mesh.ts',
    right: 'i % 3 === 2 || Number.isFinite(value)',
    wrong: 'i % 3 === 2 || true || Number.isFinite(value)',
    testName: 'when what a network says is no number, the answer is the refusal of what is made of it',
  },
  {
    breaks: 'an expression network that fails is called so',
    file: 'vision/pipeline/analyze.ts',
    right: `orRefuse('expressionFailed'`,
    wrong: `orRefuse('featureFailed'`,
    testName: 'when a network breaks down, the answer is the refusal of what it makes, and keeps the cause',
  },
  {
    breaks: 'a face of no direction is never registered',
    file: 'vision/pipeline/analyze.ts',
    right: `    if (!described) throw new Refusal('featureFailed');\n    made.embedding = described;`,
    wrong: '    made.embedding = described ?? new Float32Array(256);',
    testName: 'when what a network says is no number, the answer is the refusal of what is made of it',
  },
  {
    breaks: 'whoever wants no attributes does not wait for their networks',
    file: 'vision/pipeline/analyze.ts',
    right: 'attributes ? recogniseExpressions(networks.expresser, picture, meshes) : []',
    wrong: 'recogniseExpressions(networks.expresser, picture, meshes)',
    testName: 'for a part no network is run that it does not need, and nothing else is told',
  },
  {
    breaks: 'quality is what the built-in recogniser says, whichever pack is in use',
    file: 'vision/pipeline/analyze.ts',
    right: `(embedding && !own) || wants('quality')`,
    wrong: `(embedding || wants('quality')) && !own`,
    testName: 'where a pack brings a recogniser, the built-in one is run for the quality alone',
  },
  {
    breaks: 'each of many faces is looked at once',
    file: 'vision/pipeline/analyze.ts',
    right: 'found.slice(start, Math.min(start + batchMax, facesMax))',
    wrong: 'found.slice(start, start + batchMax)',
    testName: 'more faces than are looked at side by side are all looked at, largest first',
  },
  {
    breaks: 'shapes are told in pixels of the picture that was sent',
    file: 'vision/pipeline/analyze.ts',
    right: 'shapeOf(mesh, (point) => pointInSent(point, picture))',
    wrong: 'shapeOf(mesh, (point) => point)',
    testName: 'boxes and shapes are in pixels of the picture that was sent, though it was shrunk to be looked at',
  },
].map((fault) => ({ ...fault, testFile: 'vision/analyze.test.ts' }));

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
export const vision: readonly Fault[] = [...looking, ...models, ...locating, ...detecting, ...analysing, ...scores];
