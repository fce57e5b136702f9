import type { Fault } from './fault.ts';

/** Faults in how networks are written: each would change what they compute, or by what name it is known. */
export const networks: readonly Fault[] = [
  {
    breaks: 'a network that is rewritten keeps its name, so that nobody has to be embedded anew',
    file: 'vision/models/catalog.ts',
    right: 'return sameAs ?? sha256;',
    wrong: 'return sha256;',
    testFile: 'vision/models/import.test.ts',
    testName: 'importing the networks',
  },
  {
    breaks: 'what is copied beside a shortcut does not leave the layout of convolutions',
    file: 'vision/models/graph-model.ts',
    right: 'if (isWider) return',
    wrong: 'if (!isWider) return',
    testFile: 'vision/models/import.test.ts',
    testName: 'importing the networks',
  },
  {
    breaks: 'a slope above 1 is computed, too',
    file: 'vision/models/builder.ts',
    right: 'slopes.data.every((slope) => slope <= 1)',
    wrong: 'slopes.data.every((slope) => slope <= 2)',
    testFile: 'vision/models/builder.test.ts',
    testName: 'an operation said in ONNX gives what TensorFlow gives',
  },
  {
    breaks: 'a picture that gets channels before its own keeps its own',
    file: 'vision/models/builder.ts',
    right: 'data[channel * all + before + channel] = 1;',
    wrong: 'data[channel * all + channel] = 1;',
    testFile: 'vision/models/builder.test.ts',
    testName: 'an operation said in ONNX gives what TensorFlow gives',
  },
  {
    breaks: 'a channel that the recogniser computes with the opposite sign is read with it',
    file: 'vision/models/mobile-face-net.ts',
    right: '(slopes.data[channel]! > 1 ? -1 : 1)',
    wrong: '1',
    testFile: 'vision/models/parity.test.ts',
    testName: 'an imported network',
  },
];
