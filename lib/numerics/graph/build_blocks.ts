import { SthelarError } from "@/core/errors.ts";
import type { Model } from "./model.ts";
import type { Program } from "./program.ts";

/**
 * A model that runs once for each block of rows of a table: its tensors declared with
 * `per: "block"` are the rows of the block in buffers of all rows, and are updated there. Only one
 * block's intermediates exist at a time.
 *
 * @param rows Rows of the whole.
 * @param blockRows Rows of a block; the last one may be smaller.
 * @param build Makes the program for a number of rows.
 *
 * @example Column sums, two rows at a time
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as t from "@/numerics/graph/mod.ts";
 *
 * const model = t.buildBlocks(5, 2, (rows) => {
 *   const program = new t.Program();
 *   const total = program.parameter("total", [3]);
 *   const x = program.input("x", [rows, 3], { per: "block" });
 *   program.update(total, t.add(total, t.sum(x, 0)));
 *   return program;
 * });
 * await using running = await t.openProgram(model, { threads: 1 });
 * await running.run({ feeds: { x: new Float32Array(15).fill(2) } });
 * assertEquals(await running.read("total"), Float32Array.of(10, 10, 10));
 * ```
 */
export function buildBlocks(
  rows: number,
  blockRows: number,
  build: (rows: number) => Program,
): Model {
  if (
    !(Number.isSafeInteger(rows) && Number.isSafeInteger(blockRows) && rows > 0 && blockRows > 0)
  ) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot cut a table into blocks",
      found: `${rows} rows in blocks of ${blockRows}`,
      expected: "whole numbers of at least 1",
    });
  }
  const size = Math.min(rows, blockRows);
  const rest = rows % size;
  const model = build(size).build();
  return {
    ...model,
    blocks: { rows, blockRows: size, ...(rest > 0 && { rest: build(rest).build() }) },
  };
}
