export { adam, adamClock, type AdamOptions } from "./adam.ts";
export { broadcastTo, type ReduceOptions, reshape, sum } from "./broadcast.ts";
export { buildBlocks, type TableRange } from "./build_blocks.ts";
export { both, cast, equal, greater, greaterOrEqual, less, lessOrEqual, sign } from "./compare.ts";
export {
  type BatchNorm,
  batchNorm,
  columnSums,
  cosineSimilarity,
  lgamma,
  norm,
} from "./composite.ts";
export {
  abs,
  add,
  clip,
  div,
  erf,
  exp,
  log,
  maximum,
  mul,
  neg,
  pow,
  relu,
  sigmoid,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  tanh,
  where,
} from "./elementwise.ts";
export { gradients, pullBack } from "./gradients.ts";
export { gather, oneHot, scatterAdd, topK, type TopKOptions } from "./indexing.ts";
export { matmul, type MatmulOptions } from "./linear.ts";
export type { Binding, BufferSpec, Model, Per, RowBlocks, Update } from "./model.ts";
export {
  type OpenOptions,
  openProgram,
  type Provider,
  type RowRange,
  type RunningProgram,
  type RunOptions,
  type RunResult,
} from "./open_program.ts";
export { type InputOptions, Program } from "./program.ts";
export type { OrderItem, Watched } from "./program_protocol.ts";
export { argMax, argMin, logSoftmax, logSumExp, max, mean, min, softmax } from "./reduce.ts";
export { concat, pad, slice, transpose } from "./shape.ts";
export { type Operand, Tensor } from "./tape.ts";
export { type DType, type Shape, type TensorData } from "./tensor_type.ts";
