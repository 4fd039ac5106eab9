import { SthelarError } from "@/core/errors.ts";
import { ProtobufWriter } from "./protobuf_writer.ts";
import type { Attribute } from "./tape.ts";
import type { DType, Shape, TensorData } from "./tensor_type.ts";

/** The operator set of ONNX that programs are written in. */
export const OPSET = 18;

/** The version of the ONNX file format: the one of operator set 18 (ONNX 1.13). */
export const IR_VERSION = 8;

/** What a protocol-buffer message can hold. */
const MAX_BYTES = 2 ** 31 - 1;

/** `TensorProto.DataType`. */
const DATA_TYPES: Readonly<Record<DType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

/** A named tensor of a graph. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A node of a graph; inputs and outputs are names. */
export interface OnnxNode {
  readonly onnx: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A graph, ready to be written. */
export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly (OnnxValue & { readonly data: TensorData })[];
  readonly nodes: readonly OnnxNode[];
}

/**
 * Writes a graph as an ONNX model (`ModelProto`; field numbers are those of onnx.proto3).
 *
 * @throws {SthelarError} `OverBudget` if its constants need more than the 2 GB of a model.
 */
export function encodeOnnx(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  const constantBytes = graph.constants.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (constantBytes > MAX_BYTES) throw tooLarge(constantBytes);
  const model = new ProtobufWriter()
    .int(1, IR_VERSION)
    .text(2, "sthelar")
    .message(8, (opset) => opset.text(1, "").int(2, OPSET))
    .message(7, (message) => writeGraph(message, graph));
  if (model.length > MAX_BYTES) throw tooLarge(model.length);
  return model.finish();
}

function tooLarge(bytes: number): SthelarError {
  return new SthelarError("OverBudget", {
    action: "Cannot encode a tensor program",
    found: `${(bytes / 1e9).toFixed(1)} GB of constants`,
    expected: "at most 2.1 GB",
    remedy: "declare large tensors as inputs or parameters",
  });
}

function writeGraph(message: ProtobufWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) message.message(1, (nested) => writeNode(nested, node));
  message.text(2, "program");
  for (const constant of graph.constants) {
    message.message(5, (nested) => {
      for (const extent of constant.shape) nested.int(1, extent);
      const { buffer, byteOffset, byteLength } = constant.data;
      nested.int(2, DATA_TYPES[constant.dtype]).text(8, constant.name)
        .bytes(9, new Uint8Array(buffer, byteOffset, byteLength));
    });
  }
  for (const input of graph.inputs) message.message(11, (nested) => writeValue(nested, input));
  for (const output of graph.outputs) message.message(12, (nested) => writeValue(nested, output));
}

function writeNode(message: ProtobufWriter, node: OnnxNode): void {
  for (const name of node.inputs) message.text(1, name);
  for (const name of node.outputs) message.text(2, name);
  message.text(4, node.onnx);
  for (const [name, value] of Object.entries(node.attributes)) {
    message.message(5, (nested) => writeAttribute(nested.text(1, name), value));
  }
}

/** Type codes of `AttributeProto`: FLOAT 1, INT 2, STRING 3, INTS 7. */
function writeAttribute(message: ProtobufWriter, value: Attribute): void {
  if (typeof value === "number") message.int(3, value).int(20, 2);
  else if (typeof value === "string") message.text(4, value).int(20, 3);
  else if ("float" in value) message.float(2, value.float).int(20, 1);
  else {
    for (const item of value) message.int(8, item);
    message.int(20, 7);
  }
}

function writeValue(message: ProtobufWriter, { name, shape, dtype }: OnnxValue): void {
  message.text(1, name).message(
    2,
    (type) =>
      type.message(1, (tensor) =>
        tensor.int(1, DATA_TYPES[dtype]).message(2, (dims) => {
          for (const extent of shape) dims.message(1, (dim) => dim.int(1, extent));
        })),
  );
}
