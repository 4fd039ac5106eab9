import { SthelarError } from "@/core/errors.ts";
import type { Random } from "@/core/random.ts";
import { rowRange } from "./count_source.ts";

/** Rows to learn from and to watch. */
export interface RowSplit {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/**
 * Splits rows at random as scvi-tools' `DataSplitter`: the share to train on is rounded up.
 *
 * @throws {SthelarError} `InvalidArgument` if fewer than 2 rows are left to train on, or none to
 * validate on.
 */
export function splitRows(rows: number, trainShare: number, random: Random): RowSplit {
  const order = random.shuffle(rowRange(0, rows));
  const count = Math.ceil(trainShare * rows);
  if (count >= 2 && count < rows) {
    return { train: order.slice(0, count), validation: order.slice(count) };
  }
  throw new SthelarError("InvalidArgument", {
    action: "Cannot train scVI",
    found: `${rows} rows, of which ${Math.min(count, rows)} to train on`,
    expected: "at least 2 to train on and 1 to validate on",
  });
}
