import type { Fault } from './fault.ts';

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
    right: 'nonMaximumSuppression(faces, overlapOfSmaller, alikeMax)',
    wrong: 'nonMaximumSuppression(faces, overlapOfSmaller, 1)',
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

/** Faults in the search for tiny faces. */
const tiny: readonly Fault[] = [
  {
    breaks: 'tiny faces are found without any other',
    file: 'vision/pipeline/tiny.ts',
    right: '(faces.length === 0 || faces.some(isSmall))',
    wrong: 'faces.some(isSmall)',
    testName:
      'in a crowd of 600 × 398 each face of 12 and 16 pixels is found, once, though the usual search reports none',
  },
  {
    breaks: 'a portrait costs no search for tiny faces',
    file: 'vision/pipeline/tiny.ts',
    right: ' && (faces.length === 0 || faces.some(isSmall))',
    wrong: '',
    testName: 'a portrait is not searched any closer, although somebody stands far behind',
  },
  {
    breaks: 'pictures that are too small to tell anything of a face are not searched for one',
    file: 'vision/pipeline/tiny.ts',
    right: 'const pictureSideMin = 32;',
    wrong: 'const pictureSideMin = 31;',
    testName: 'a picture with a side of less than 32 pixels is not searched any closer',
  },
  {
    breaks: 'a large picture costs no search for tiny faces',
    file: 'vision/pipeline/tiny.ts',
    right: 'width * height <= pixelsMax &&',
    wrong: '',
    testName: 'a picture of more than two megapixels is not searched any closer',
  },
  {
    breaks: 'a mesh that fits by chance makes no face',
    file: 'vision/pipeline/tiny.ts',
    right: 'score * second[i]!.presence >= faceMin',
    wrong: 'score * first[i]!.presence >= faceMin',
    testName: 'whether a detection is a face is decided by the second fit of the mesh',
  },
  {
    breaks: 'a turned face is found',
    file: 'vision/pipeline/tiny.ts',
    right: 'const shares = [1, 0.8, 1.2] as const;',
    wrong: 'const shares = [1, 0.8] as const;',
    testName: 'a face to which the mesh fits only in a smaller or a larger square is found, too',
  },
  {
    breaks: 'a face is told once, however small a part of it a closer look takes for a face',
    file: 'vision/pipeline/tiny.ts',
    right: 'isCentredInside(box, picture.base) && isNew(box)',
    wrong: 'isCentredInside(box, picture.base)',
    testName: 'what a closer look sees in a face that is known is not another face',
  },
  {
    breaks: 'noise costs no more than 300 fits',
    file: 'vision/pipeline/tiny.ts',
    right: '    .slice(0, detectionsMax);',
    wrong: ';',
    testName: 'no more than the 300 best detections are followed up',
  },
  {
    breaks: 'tiny faces are told only to those who ask for them',
    file: 'vision/pipeline/analyze.ts',
    right: 'return tinyFaces ? addTinyFaces(finder, picture, faces) : faces;',
    wrong: 'return tinyFaces !== undefined ? addTinyFaces(finder, picture, faces) : faces;',
    testName: 'tiny faces are told only to those who ask for them, with attributes if they are among the largest',
  },
  {
    breaks: 'a picture that was shrunk costs no search for tiny faces',
    file: 'vision/pipeline/analyze.ts',
    right: 'wish.tinyFaces === true && scale === 1',
    wrong: 'wish.tinyFaces === true',
    testName: 'a picture that was shrunk to be looked at has no tiny faces',
  },
].map((fault) => ({ ...fault, testFile: 'vision/tiny.test.ts' }));

/** Faults in which face is meant. */
const choosing: readonly Fault[] = [
  {
    breaks: 'a bystander who is cut off by the edge does not stand for the person',
    file: 'vision/pipeline/main-face.ts',
    right: 'return Math.max(0, across) * Math.max(0, down);',
    wrong: 'return width * height;',
    testName: 'the face that is meant has the largest area inside the picture, whatever the area of its box',
  },
  {
    breaks: 'of two faces of nearly one size the one nearest the middle is meant',
    file: 'vision/pipeline/main-face.ts',
    right: 'const areaShareMin = 0.8;',
    wrong: 'const areaShareMin = 1;',
    testName: 'of faces that reach four fifths of the largest area the one nearest the middle is meant',
  },
  {
    breaks: 'a much smaller face in the middle is not meant',
    file: 'vision/pipeline/main-face.ts',
    right: 'areas[i]! >= least && distance < nearest',
    wrong: 'distance < nearest',
    testName: 'of faces that reach four fifths of the largest area the one nearest the middle is meant',
  },
  {
    breaks: 'where one face is analysed it is the one that is meant',
    file: 'vision/pipeline/analyze.ts',
    right: 'facesMax === 1 ? mainFirst(located, pyramid.base) : located',
    wrong: 'located',
    testName: 'where one face is analysed it is the one that is meant, and the others follow, largest first',
  },
  {
    breaks: 'a face whose centre is outside the picture is none',
    file: 'vision/pipeline/locate.ts',
    right: ' && isCentredInside(box, picture.base)',
    wrong: '',
    testName: 'a face whose centre is outside the picture is not found',
  },
].map((fault) => ({ ...fault, testFile: 'vision/main-face.test.ts' }));

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
    right: 'cell: 32, anchors: 6',
    wrong: 'cell: 32, anchors: 2',
    testName: 'an anchor speaks of the place of its cell: two a cell of 16 pixels, six a cell of 32',
  },
].map((fault) => ({ ...fault, testFile: 'vision/detect.test.ts' }));

/** Faults in how a smile is told. */
const smiling: readonly Fault[] = [
  {
    breaks: 'two crops are looked at for a smile',
    file: 'vision/attributes/expression.ts',
    right: 'const shares = [0.7, 0.9] as const;',
    wrong: 'const shares = [0.9] as const;',
    testName: 'an expression is the mean of what the network says of two crops, of 0.7 and 0.9 of the frame',
  },
  {
    breaks: 'a smile does not depend on how far away a face is',
    file: 'vision/attributes/expression.ts',
    right: '    rise / eyeDistance,',
    wrong: '    rise,',
    testName: 'what tells a smile depends neither on the size of a face nor on where it is nor on how it is turned',
  },
  {
    breaks: 'a smile does not depend on how a face is turned',
    file: 'vision/attributes/expression.ts',
    right: 'points[3 * i + 1]! * Math.cos(angle) - points[3 * i]! * Math.sin(angle)',
    wrong: 'points[3 * i + 1]! + 0 * angle',
    testName: 'what tells a smile depends neither on the size of a face nor on where it is nor on how it is turned',
  },
  {
    breaks: 'a slight smile is no laugh',
    file: 'vision/attributes/expression.ts',
    right: '50 * probability(respond(probes.laughs, inputs))',
    wrong: '50 * probability(respond(probes.smiles, inputs))',
    testName: 'a smile is told as 0 if there is none, as 50 if it is slight, and as 100 if it is broad',
  },
].map((fault) => ({ ...fault, testFile: 'vision/expression.test.ts' }));

/** Faults in which faces are found, and what is told of them. */
export const faces: readonly Fault[] = [...locating, ...tiny, ...choosing, ...detecting, ...smiling];
