import type { GraphNode, Tensor } from "./tape.ts";
import { sameShape } from "./tensor_type.ts";

/** Operations whose kernels may write over an input: those that onnxruntime itself reuses. */
const OVERWRITING = new Set([
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Neg",
  "Exp",
  "Log",
  "Sqrt",
  "Abs",
  "Relu",
  "Sigmoid",
  "Tanh",
]);

/** Operations whose output shares its input's memory. */
const VIEWS = new Set(["Reshape", "Identity"]);

/**
 * Tells whether a program may write the new value of a parameter over the old one while it runs:
 * everything else that reads the old value must come before the operation that writes the new one
 * because that operation depends on it, and that operation itself must be one that may overwrite.
 * It holds only for a runtime that runs the graph as it is, without fusing nodes.
 *
 * @param nodes The program's operations, producers before consumers.
 * @param results What the program puts out.
 */
export function isInPlace(
  parameter: Tensor,
  value: Tensor,
  nodes: readonly GraphNode[],
  results: readonly Tensor[],
): boolean {
  const writer = nodes.find(({ outputs }) => outputs.some(({ id }) => id === value.id));
  if (writer === undefined || VIEWS.has(writer.onnx)) return false;
  const aliases = withViews(parameter, nodes);
  if (results.some(({ id }) => aliases.has(id))) return false;
  const ancestors = ancestorsOf(writer, nodes);
  return nodes.every((node) => {
    if (VIEWS.has(node.onnx) || !node.inputs.some(({ id }) => aliases.has(id))) return true;
    return node === writer ? mayOverwrite(node, aliases) : ancestors.has(node);
  });
}

function withViews(parameter: Tensor, nodes: readonly GraphNode[]): Set<number> {
  const aliases = new Set([parameter.id]);
  for (const { onnx, inputs, outputs } of nodes) {
    if (VIEWS.has(onnx) && aliases.has(inputs[0].id)) aliases.add(outputs[0].id);
  }
  return aliases;
}

function ancestorsOf(node: GraphNode, nodes: readonly GraphNode[]): Set<GraphNode> {
  const wanted = new Set(node.inputs.map(({ id }) => id));
  const ancestors = new Set<GraphNode>();
  for (const candidate of nodes.toReversed()) {
    if (candidate === node || !candidate.outputs.some(({ id }) => wanted.has(id))) continue;
    ancestors.add(candidate);
    for (const { id } of candidate.inputs) wanted.add(id);
  }
  return ancestors;
}

/** Gemm copies its addend to the output before it adds the product. */
function mayOverwrite({ onnx, inputs, outputs }: GraphNode, aliases: ReadonlySet<number>): boolean {
  const read = inputs.filter(({ id }) => aliases.has(id));
  if (read.some(({ shape }) => !sameShape(shape, outputs[0].shape))) return false;
  if (onnx === "Gemm") return read.length === 1 && aliases.has(inputs[2]?.id);
  return OVERWRITING.has(onnx);
}
