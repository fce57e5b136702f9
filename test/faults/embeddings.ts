import type { Fault } from './fault.ts';

const modelTest = 'a model is another with each thing that embeddings come from, and with nothing else';

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
    right: `hash.update(\`\${networks[roles[role].name].identity}\\n\`)`,
    wrong: 'hash.update(networks[roles[role].name].identity)',
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

/** Faults in how embeddings come about: each would mix embeddings that cannot be compared, or tell people worse. */
const embedding: readonly Fault[] = [
  ...[
    {
      breaks: 'whoever changes how a face is aligned raises the version of the preprocessing',
      file: 'vision/pipeline/align.ts',
      right: '[38.2946, 51.6963]',
      wrong: '[37.2946, 51.6963]',
    },
    {
      breaks: 'whoever changes how a face is cut out for its mesh raises the version of the preprocessing',
      file: 'vision/pipeline/mesh.ts',
      right: 'const margin = 1.5;',
      wrong: 'const margin = 1.4;',
    },
    {
      breaks: 'whoever changes where the recogniser looks raises the version of the preprocessing',
      file: 'vision/pipeline/align.ts',
      right: '({ x: x + 0.5, y: y + 0.5 })',
      wrong: '({ x, y })',
    },
  ].map((fault) => ({
    ...fault,
    testName:
      'what the networks are shown on the way to an embedding changes only with the version of the preprocessing',
  })),
  ...[
    {
      breaks: 'whoever changes how embeddings are centred raises the version of the preprocessing',
      file: 'vision/pipeline/embed.ts',
      right: 'value - mean[i]!',
      wrong: 'value + mean[i]!',
    },
  ].map((fault) => ({
    ...fault,
    testName: 'the embedding made of what the recogniser says changes only with the version of the preprocessing',
  })),
  {
    breaks: 'a face and its mirror image count alike',
    file: 'vision/pipeline/embed.ts',
    right: 'embedding![plain + k]! + embedding![mirrored + k]!',
    wrong: '2 * embedding![plain + k]!',
    testName: 'what the recogniser says of a face and of its mirror image is added',
  },
  {
    breaks: 'the recogniser is shown the mirror image, too',
    file: 'vision/pipeline/embed.ts',
    right: '    mirrorInto(input.subarray(itemLength), input, size);',
    wrong: '    input.copyWithin(itemLength, 0, itemLength);',
    testName: 'the second picture that the recogniser is shown is the mirror image of the first',
  },
].map((fault) => ({ ...fault, testFile: 'vision/preprocessing.test.ts' }));

/** Faults in how embeddings of earlier versions are read. */
const stored: readonly Fault[] = [
  {
    breaks: 'registers of before keep their faces: their embeddings are read as those of today',
    right: 'return endsWithHash(embedding) ? withoutHash(embedding) : embedding;',
    wrong: 'return embedding;',
    testName: 'an embedding that still ends with a hash of its photograph is read as the recogniser gives it today',
  },
  {
    breaks: 'what is left of an embedding has unit length',
    right: 'person[i] = person[i]! / size',
    wrong: 'person[i] = person[i]!',
    testName: 'an embedding that still ends with a hash of its photograph is read as the recogniser gives it today',
  },
  {
    breaks: 'a pack may bring a recogniser of 256 numbers',
    right: 'return sumOfSquares(embedding.subarray(hashed.personLength)) < (1.01 * hashed.hashSize) ** 2;',
    wrong: 'return true;',
    testName: 'an embedding of 256 numbers that all tell the person is read as it is',
  },
].map((fault) => ({ ...fault, file: 'store/embeddings.ts', testFile: 'store/embeddings.test.ts' }));

/** Faults in embeddings. */
export const embeddings: readonly Fault[] = [...models, ...embedding, ...stored];
