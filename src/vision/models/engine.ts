/** The inference engine: the only file that loads it, once what it must not do is said. */
// Modules are evaluated in the order of their imports.
import './engine-variables.ts';

export { InferenceSession, Tensor } from 'onnxruntime-node';
