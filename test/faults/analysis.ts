import type { Fault } from './fault.ts';

/** Faults in what is computed of a face, and in what a network that fails is called. */
export const analysis: readonly Fault[] = [
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
    right: '!Number.isFinite(points[i]!) || !Number.isFinite(points[i + 1]!)',
    wrong: 'false',
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
    right: 'shapeOf(mesh, (point) => pointInSent(point, scale))',
    wrong: 'shapeOf(mesh, (point) => point)',
    testName: 'boxes and shapes are in pixels of the picture that was sent, though it was shrunk to be looked at',
  },
].map((fault) => ({ ...fault, testFile: 'vision/analyze.test.ts' }));
