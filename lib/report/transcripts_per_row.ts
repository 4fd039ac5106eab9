import type { AnnDataHandle, Matrix } from "@/formats/anndata/mod.ts";
import { SthelarError } from "@/core/errors.ts";

/** Where tables keep raw counts when X holds something else. */
const COUNT_LAYERS = ["count", "counts"];
const COUNT_COLUMN = "transcript_counts";

/**
 * Transcripts of each row of a table: sums of X where it holds counts, else (an annotated table's X
 * is normalised) the published column of sums, else those of a layer of counts.
 *
 * @throws {SthelarError} `NotFound` if the table has none of them.
 */
export async function transcriptsPerRow(table: AnnDataHandle): Promise<ArrayLike<number>> {
  const x = await table.readX();
  if (isCounts(x)) return rowSums(x);
  if (table.columnNames("obs").includes(COUNT_COLUMN)) {
    return await table.column("obs", COUNT_COLUMN) as ArrayLike<number>;
  }
  for (const layer of COUNT_LAYERS) {
    const counts = await table.element(`layers/${layer}`).catch(() => undefined) as
      | Matrix
      | undefined;
    if (counts !== undefined && isCounts(counts)) return rowSums(counts);
  }
  throw new SthelarError("NotFound", {
    action: `Cannot count the transcripts of the rows of "${table.path}"`,
    found: `an X that is normalised, and no column "${COUNT_COLUMN}"`,
    expected: `counts in X, in that column or in a layer ${COUNT_LAYERS.join(" or ")}`,
    path: table.path,
  });
}

function isCounts({ data }: Matrix): boolean {
  for (const value of data) if (!(value >= 0) || !Number.isInteger(Number(value))) return false;
  return true;
}

function rowSums(matrix: Matrix): Float64Array {
  const sums = new Float64Array(matrix.shape[0]);
  if (!("indptr" in matrix)) {
    const columns = matrix.data.length / sums.length;
    matrix.data.forEach((value: number | bigint, i: number) => {
      sums[Math.floor(i / columns)] += Number(value);
    });
    return sums;
  }
  const { data, indices, indptr, format } = matrix;
  for (let major = 0; major + 1 < indptr.length; major++) {
    for (let k = Number(indptr[major]); k < indptr[major + 1]; k++) {
      sums[format === "csr" ? major : Number(indices[k])] += Number(data[k]);
    }
  }
  return sums;
}
