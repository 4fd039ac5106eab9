import { SthelarError } from "@/core/errors.ts";
import type { Model } from "./model.ts";
import type { Program } from "./program.ts";

/** Rows of a table that a model runs over. */
export interface TableRange {
  /** The first of them (default 0). */
  readonly firstRow?: number;
  /** Rows of the whole table (default up to the last of them). */
  readonly tableRows?: number;
}

/**
 * A model that runs once for each block of rows of a table: its tensors declared with
 * `per: "block"` are the rows of the block in buffers of all rows, and are updated there. Only one
 * block's intermediates exist at a time.
 *
 * @param rows Rows that it runs over.
 * @param blockRows Rows of a block; the last one may be smaller.
 * @param build Makes the program for a number of rows.
 * @param range Where those rows lie, if they are not the whole table.
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
  { firstRow = 0, tableRows = rows + firstRow }: TableRange = {},
): Model {
  const isCut = [rows, blockRows].every((count) => Number.isSafeInteger(count) && count > 0);
  if (!isCut || !(firstRow >= 0 && firstRow + rows <= tableRows)) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot cut a table into blocks",
      found: `${rows} rows from ${firstRow} of ${tableRows} in blocks of ${blockRows}`,
      expected: "rows of the table, in blocks of whole numbers of at least 1",
    });
  }
  const size = Math.min(rows, blockRows);
  const rest = rows % size;
  const model = build(size).build();
  return {
    ...model,
    blocks: {
      ...{ rows, firstRow, tableRows, blockRows: size },
      ...(rest > 0 && { rest: build(rest).build() }),
    },
  };
}
