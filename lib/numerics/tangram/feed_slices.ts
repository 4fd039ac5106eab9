import type { Random } from "@/core/random.ts";
import { denseColumns, denseRows } from "./dense_counts.ts";
import type { MappingProblem } from "./mapping_problem.ts";
import type { RunningSlice, RunningSlices } from "./running_slices.ts";
import type { TangramShape, TermWeights } from "./tangram_models.ts";

/** Writes a problem into the programs of its slices. */
export async function feedSlices(
  slices: RunningSlices,
  problem: MappingProblem,
  weights: TermWeights,
): Promise<void> {
  const [{ slice: { nuclei, genes } }] = slices.all;
  const cellCount = problem.types.length;
  const shares = new Float32Array(cellCount).fill(1 / cellCount);
  if (problem.sourceDensity !== undefined) shares.set(problem.sourceDensity);
  const cells = denseRows(problem.cells, "cell", shares);
  const measured = denseColumns(problem.nuclei, "nucleus");
  const squares = rowSquares(measured, genes + 1);
  const density = new Float32Array(nuclei);
  if (weights.density > 0) density.set(problem.density!);
  for (const { slice, running } of slices.all) {
    const { firstCell, compared: { first, end } } = slice;
    const give = (name: string, data: Float32Array<ArrayBuffer>, firstRow = 0) =>
      running.write(name, data, { firstRow, transfer: true });
    const width = genes + 1;
    const rows = cells.slice(firstCell * width, (firstCell + slice.cells) * width);
    await give("cellsByGene", transposeBlocks(rows, slice));
    await give("cells", rows);
    await give("measured", measured.slice(first * nuclei, end * nuclei), first);
    await give("measuredSquares", squares.slice(first, end), first);
    if (end === genes) await give("density", density.slice());
    const isType = new Float32Array(slice.cells * slice.types);
    for (let cell = 0; cell < slice.cells; cell++) {
      isType[cell * slice.types + problem.types[firstCell + cell]] = 1;
    }
    await give("types", isType);
  }
  for (const slice of slices.all) await writeStart(slice, problem.start);
}

/** The rows of each block by columns. */
function transposeBlocks(
  rows: Float32Array,
  { cells, genes, sumRows }: TangramShape,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(rows.length);
  const columns = genes + 1;
  for (let row = 0; row < cells; row++) {
    const first = row - row % sumRows;
    const size = Math.min(sumRows, cells - first);
    for (let column = 0; column < columns; column++) {
      result[first * columns + column * size + row - first] = rows[row * columns + column];
    }
  }
  return result;
}

function rowSquares(dense: Float32Array, rows: number): Float32Array<ArrayBuffer> {
  const length = dense.length / rows;
  return Float32Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let k = row * length; k < (row + 1) * length; k++) sum += dense[k] ** 2;
    return sum;
  });
}

/** Writes the map some rows at a time, so that it never exists twice. */
async function writeStart(
  { slice: { cells, firstCell, nuclei, blockRows }, running }: RunningSlice,
  start: Float32Array | Random,
): Promise<void> {
  for (let firstRow = 0; firstRow < cells; firstRow += blockRows) {
    const rows = Math.min(blockRows, cells - firstRow);
    const values = new Float32Array(rows * nuclei);
    const first = firstCell + firstRow;
    if (start instanceof Float32Array) {
      values.set(start.subarray(first * nuclei, (first + rows) * nuclei));
    } else start.fillNormal(values);
    await running.write("map", values, { firstRow, transfer: true });
  }
}
