import { reshape, sumTo } from "./broadcast.ts";
import { add } from "./elementwise.ts";
import { transpose } from "./shape.ts";
import type { Tensor } from "./tape.ts";
import { broadcastShape, misfit, requireFloat, sameShape, type Shape } from "./tensor_type.ts";

/** Options of {@link matmul}. */
export interface MatmulOptions {
  /** Uses the transpose of `a` (its last two axes). */
  readonly transposeA?: boolean;
  /** Uses the transpose of `b` (its last two axes). */
  readonly transposeB?: boolean;
  /** Added to the product, broadcast to it: a bias, or a sum that grows block by block. */
  readonly plus?: Tensor;
}

/**
 * Matrix product. Matrices go to one Gemm, transposed or not; higher ranks multiply the last two
 * axes and broadcast the others.
 *
 * @param a `(m, k)`.
 * @param b `(k, n)`.
 * @returns `(m, n)`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { matmul, Program } from "@/numerics/graph/mod.ts";
 *
 * const program = new Program();
 * const a = program.input("a", [5, 3]);
 * const b = program.input("b", [7, 3]);
 * assertEquals(matmul(a, b, { transposeB: true }).shape, [5, 7]);
 * ```
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  requireFloat("matmul", a, b);
  const { transposeA = false, transposeB = false, plus } = options;
  if (a.rank < 2 || b.rank < 2) throw misfit("matmul", [a, b], "at least two axes");
  const [m, inner] = lastTwo(a.shape, transposeA);
  const [innerOfB, n] = lastTwo(b.shape, transposeB);
  const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (inner !== innerOfB || lead === undefined || a.dtype !== b.dtype) {
    const how = [transposeA && "the first transposed", transposeB && "the second transposed"]
      .filter(Boolean).join(" and ");
    throw misfit("matmul", [a, b], `equal inner extents${how && ` (${how})`}, and one type`);
  }
  const shape = [...lead, m, n];
  if (plus !== undefined) checkAddend(plus, a, shape);
  if (shape.length === 2 && a.rank === 2 && b.rank === 2) {
    if (n === 1 && !transposeA && !transposeB) {
      // onnxruntime 1.30 adds this one case in another order on several threads.
      return gemm(a, reshape(b, [1, inner]), false, true, plus);
    }
    return gemm(a, b, transposeA, transposeB, plus);
  }
  const product = batched(transposeA ? transpose(a) : a, transposeB ? transpose(b) : b, shape);
  return plus === undefined ? product : add(product, plus);
}

function checkAddend(plus: Tensor, a: Tensor, shape: Shape): void {
  const common = broadcastShape(plus.shape, shape);
  if (common === undefined || !sameShape(common, shape) || plus.dtype !== a.dtype) {
    throw misfit("matmul plus", [plus], `${a.dtype} that broadcasts to [${shape.join(", ")}]`);
  }
}

/**
 * onnxruntime 1.30 shares the columns among threads where there are more columns than rows, and adds
 * up inner extents above 128 in blocks that depend on how few columns a thread has (64 or fewer): the
 * transposed product, whose rows are shared, is the same on any number of threads up to 16.
 */
const FEW_COLUMNS = 1024, INNER_BLOCK = 128;

function gemm(
  a: Tensor,
  b: Tensor,
  transposeA: boolean,
  transposeB: boolean,
  plus: Tensor | undefined,
): Tensor {
  const [m, inner] = lastTwo(a.shape, transposeA);
  const n = lastTwo(b.shape, transposeB)[1];
  if (1 < m && m < n && n <= FEW_COLUMNS && inner > INNER_BLOCK) {
    const product = transpose(gemm(b, a, !transposeB, !transposeA, undefined));
    return plus === undefined ? product : add(product, plus);
  }
  const forA = (g: Tensor) =>
    transposeA
      ? gemm(b, g, transposeB, true, undefined)
      : gemm(g, b, false, !transposeB, undefined);
  const forB = (g: Tensor) =>
    transposeB
      ? gemm(g, a, true, transposeA, undefined)
      : gemm(a, g, !transposeA, false, undefined);
  return a.tape.emit({
    operation: "matmul",
    onnx: "Gemm",
    inputs: plus === undefined ? [a, b] : [a, b, plus],
    shape: [m, n],
    attributes: { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 },
    differentiation: [
      forA,
      forB,
      ...(plus === undefined ? [] : [(g: Tensor) => sumTo(g, plus.shape)]),
    ],
  });
}

function batched(a: Tensor, b: Tensor, shape: Shape): Tensor {
  return a.tape.emit({
    operation: "matmul",
    onnx: "MatMul",
    inputs: [a, b],
    shape,
    differentiation: [
      (g) => sumTo(matmul(g, b, { transposeB: true }), a.shape),
      (g) => sumTo(matmul(a, g, { transposeA: true }), b.shape),
    ],
  });
}

function lastTwo(shape: Shape, transposed: boolean): readonly [number, number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}
