/** Folds a factor or an offset per channel into the convolution before it. */
import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx.ts';

/** An equivalent network: a convolution whose output goes only to a Mul or Add of constants is merged with it. */
export function foldConvolutions(graph: OnnxGraph): OnnxGraph {
  const tensors = new Map(graph.tensors.map((tensor) => [tensor.name, tensor]));
  const nodes = new Map<string, OnnxNode>();
  for (const node of graph.nodes) {
    const [from, constant] = node.inputs as [string, string];
    const conv = nodes.get(from);
    const isFolded = conv?.op === 'Conv' && (node.op === 'Mul' || node.op === 'Add') && isReadOnce(graph, from);
    const values = isFolded ? tensors.get(constant) : undefined;
    if (!conv || !values) {
      nodes.set(node.outputs[0]!, node);
      continue;
    }
    const [input, filters, bias] = conv.inputs as [string, string, string | undefined];
    const folded = fold(node, tensors.get(filters)!, bias === undefined ? undefined : tensors.get(bias), values);
    for (const tensor of folded) tensors.set(tensor.name, tensor);
    nodes.delete(from);
    nodes.set(node.outputs[0]!, {
      ...conv,
      inputs: [input, ...folded.map(({ name }) => name)],
      outputs: node.outputs,
    });
  }
  return withoutUnread({ ...graph, nodes: [...nodes.values()], tensors: [...tensors.values()] });
}

/** The same network without the tensors that no node reads. */
export function withoutUnread(graph: OnnxGraph): OnnxGraph {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, tensors: graph.tensors.filter(({ name }) => read.has(name)) };
}

function isReadOnce({ nodes, outputs }: OnnxGraph, value: string): boolean {
  const readers = nodes.flatMap(({ inputs }) => inputs).filter((input) => input === value);
  return readers.length === 1 && outputs.every(({ name }) => name !== value);
}

/** The convolution with the node's constant merged into its filters and bias. */
function fold(
  { op, outputs }: OnnxNode,
  filters: OnnxTensor,
  bias: OnnxTensor | undefined,
  constant: OnnxTensor,
): [filters: OnnxTensor, bias: OnnxTensor] {
  const channels = filters.dims[0]!;
  const length = filters.data.length / channels;
  const at = (channel: number): number => Number(constant.data[constant.data.length === 1 ? 0 : channel]);
  const own = (channel: number): number => Number(bias?.data[channel] ?? 0);
  const made = (name: string, dims: readonly number[], data: Float32Array): OnnxTensor => ({
    name: `${outputs[0]}_${name}`,
    dims,
    data,
  });
  const multiplied = (): Float32Array =>
    (filters.data as Float32Array).map((weight, i) => weight * at(Math.floor(i / length)));
  const change = (channel: number): number => (op === 'Mul' ? own(channel) * at(channel) : own(channel) + at(channel));
  return [
    op === 'Mul' ? made('filters', filters.dims, multiplied()) : filters,
    made(
      'bias',
      [channels],
      Float32Array.from({ length: channels }, (_, channel) => change(channel)),
    ),
  ];
}
