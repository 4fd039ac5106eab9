import { SthelarError } from "@/core/errors.ts";

/** How well the pixels of two masks agree. */
export interface BinaryOverlap {
  /** `2 TP / (2 TP + FP + FN)`; 0 where both are empty, as torchmetrics has it. */
  readonly dice: number;
  /** `TP / (TP + FP + FN)`; `undefined` where both are empty. */
  readonly jaccard: number | undefined;
}

/**
 * Dice and Jaccard of the foreground.
 *
 * @param truth Not 0 inside.
 * @param predicted Not 0 inside.
 * @throws {SthelarError} `InvalidArgument` for masks of different sizes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { binaryOverlap } from "@/vision/metrics/mod.ts";
 *
 * const overlap = binaryOverlap(Int32Array.of(5, 5, 0, 6), Uint8Array.of(1, 0, 1, 1));
 * assertEquals(overlap, { dice: 4 / 6, jaccard: 2 / 4 });
 * ```
 */
export function binaryOverlap(
  truth: Int32Array | Uint8Array,
  predicted: Int32Array | Uint8Array,
): BinaryOverlap {
  if (truth.length !== predicted.length) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot compare masks",
      found: `${predicted.length} predicted pixels`,
      expected: `${truth.length} as in truth`,
    });
  }
  let both = 0, either = 0;
  for (let p = 0; p < truth.length; p++) {
    const a = truth[p] === 0 ? 0 : 1, b = predicted[p] === 0 ? 0 : 1;
    both += a & b;
    either += a | b;
  }
  if (either === 0) return { dice: 0, jaccard: undefined };
  return { dice: 2 * both / (both + either), jaccard: both / either };
}
