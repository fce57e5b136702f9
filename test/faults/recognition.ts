import type { Fault } from './fault.ts';

const second = `    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);\n`;

/** Faults in how faces are recognised and told from copies. */
export const recognition: readonly Fault[] = [
  {
    breaks: 'another photograph of the same minute is added',
    file: 'domain/copies.ts',
    right: 'asked[i]!.id), isCopy);',
    wrong: 'asked[i]!.id), isCopy || true);',
    testFile: 'domain/copies.test.ts',
    testName: 'another photograph of the same minute is added, however alike the embeddings are',
  },
  {
    breaks: 'pictures of one call are compared with each other',
    file: 'domain/copies.ts',
    right: '      if (!isCopy) kept.push({ faceId: face.id, embedding: face.embedding });\n',
    wrong: '',
    testFile: 'domain/copies.test.ts',
    testName: 'a copy is refused, of a stored face and of a picture of the same call alike',
  },
  {
    breaks: 'one photograph that is sent many times costs one comparison each time',
    file: 'domain/copies.ts',
    right: '        if (isCopy) break;\n',
    wrong: '',
    testFile: 'domain/copies.test.ts',
    testName: 'a copy of one face is not compared with the next',
  },
  {
    breaks: 'comparisons of a face end at the first copy, and share one turn',
    file: 'domain/copies.ts',
    right: '        if (verdict === undefined) otherIds.push(other.faceId);\n',
    wrong: '        if (verdict === undefined) return { face, otherIds: [other.faceId] };\n',
    testFile: 'domain/copies.test.ts',
    testName: 'another photograph of the same minute is added, however alike the embeddings are',
  },
  {
    breaks: 'crops are compared only where embeddings leave it open',
    file: 'domain/copies.ts',
    right:
      'if (decided !== undefined || this.#context.analyzer.compare(face.embedding, embedding).mayBeCopy) return decided;',
    wrong: 'return decided;',
    testFile: 'domain/copies.test.ts',
    testName: 'crops are not compared where embeddings rule a copy out',
  },
  {
    breaks: 'a copy is told by the crop in verify and identify',
    file: 'domain/likeness.ts',
    right: 'filter((_, i) => found[i])',
    wrong: 'filter(() => true)',
    testFile: 'domain/copies.test.ts',
    testName: 'compare, verify and identify tell a copy by its crop, and only where it may be one',
  },
  {
    breaks: 'verify of a person who is erased meanwhile is answered -1303',
    file: 'domain/recognition.ts',
    right: `${second}    return store.embeddingsOf`,
    wrong: '    return store.embeddingsOf',
    testFile: 'domain/verify.test.ts',
    testName: 'a person erased while the picture is looked at is unknown, and never verified by faces that are gone',
  },
  {
    breaks: 'nobody is verified by faces that were erased while the picture was looked at',
    file: 'domain/recognition.ts',
    right: `  const probe = await analyzeLargestFace(context, picture, ['embedding', 'crop']);
  const known = await context.store.read(async (store) => {
${second}    return store.embeddingsOf(personId, context.analyzer.model);
  });`,
    wrong: `  const known = await context.store.embeddingsOf(personId, context.analyzer.model);
  const probe = await analyzeLargestFace(context, picture, ['embedding', 'crop']);`,
    testFile: 'domain/verify.test.ts',
    testName: 'a person erased while the picture is looked at is unknown, and never verified by faces that are gone',
  },
  {
    breaks: 'who is erased while identify searches is left out, and the others are told',
    file: 'domain/recognition.ts',
    right: 'return face?.personId !== personId || embedding === undefined ? [] : { face, embedding };',
    wrong: `if (face === undefined || embedding === undefined) throw new Refusal('faceUnknown');
        return { face, embedding };`,
    testFile: 'domain/identify.test.ts',
    testName: 'who is erased between the search and the answer is in no answer',
  },
  {
    breaks: 'a search ends when the caller goes away',
    file: 'domain/recognition.ts',
    right: '    signal: context.signal,\n',
    wrong: '    signal: new AbortController().signal,\n',
    testFile: 'domain/abandoned.test.ts',
    testName: 'identify gives up on the search when the caller goes away',
  },
  {
    breaks: 'nobody is registered or recognised by a tiny face',
    file: 'domain/recognition.ts',
    right: "mode === 'largest' ? { facesMax: 1, parts } :",
    wrong: "mode === 'largest' ? { facesMax: 1, parts, tinyFaces: true } :",
    testFile: 'domain/recognition.test.ts',
    testName: 'tiny faces are searched for where all faces of a picture are asked for, and nowhere else',
  },
  {
    breaks: 'a face of just the least quality is enrolled',
    file: 'domain/enrolment.ts',
    right: 'quality.score < context.qualityMin',
    wrong: 'quality.score <= context.qualityMin',
    testFile: 'domain/quality.test.ts',
    testName:
      'a face of just the least quality is taken, and one of a point less is refused with what is wrong with it',
  },
  {
    breaks: 'a least quality of 0 enrols every face',
    file: 'domain/enrolment.ts',
    right: 'quality.score < context.qualityMin',
    wrong: 'quality.score < Math.max(1, context.qualityMin)',
    testFile: 'domain/quality.test.ts',
    testName: 'a least quality of 0 takes every face',
  },
];
