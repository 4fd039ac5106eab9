import { SthelarError } from "@/core/errors.ts";
import type { Input } from "@/core/stage.ts";
import { type AnnDataHandle, isNumericArray } from "@/formats/anndata/mod.ts";
import { tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { categoryInput } from "@/formats/spatialdata/table_part_input.ts";
import { takeRows } from "@/numerics/normalise/mod.ts";
import { bundleIdsOf } from "@/stages/label_inputs.ts";
import { rowsWhere } from "@/stages/rows_where.ts";
import { truthInput } from "@/stages/simulated_truth.ts";
import { CountFile, requireColumns } from "./count_file.ts";
import type { StudyContext, StudySlide } from "./study_step.ts";

const LAYER = "tables/table_cells/layers/count";
const BLOCK_ROWS = 50_000;

/** Where the layer of counts lies, if there is one. */
const layerInput: Input<string> & { readonly optional: true } = {
  kind: "nodes",
  names: [LAYER],
  doc: "counts of a store that others made",
  optional: true,
  open: ({ resolve }) => Promise.resolve(resolve(LAYER)),
};

/** What a model of all slides reads of each. */
export const COUNT_INPUTS = {
  cells: tableInput("table_cells"),
  layer: layerInput,
  label: categoryInput("table_cells", "final_label"),
  truth: truthInput,
} as const;

/** A slide as this step sees it. */
export type CountedSlide = StudySlide<typeof COUNT_INPUTS>;

/** A slide's rows in the file. */
export interface SlideRows {
  /** `heart_s0` */
  readonly slide: CountedSlide;
  /** Rows of its table, rising. */
  readonly rows: Int32Array;
  /** Sum of each gene over them. */
  readonly geneSums: Float64Array;
}

/** The counts of several slides together. */
export interface GatheredCounts {
  /** A row a cell, slide after slide. */
  readonly file: CountFile;
  /** Names of the columns: every gene of any slide, in the order in which they come. */
  readonly genes: readonly string[];
  /** The slides, in the order of the rows. */
  readonly slides: readonly SlideRows[];
  /** Transcripts of every cell of the slides, those with few too. */
  readonly transcripts: Float64Array;
}

/**
 * Writes the counts of cells with enough transcripts of several slides into one file, over the union of
 * their genes.
 *
 * @throws {SthelarError} `CorruptData` for a table without counts.
 */
export async function gatherCounts(
  slides: readonly CountedSlide[],
  minTranscripts: number,
  ctx: StudyContext,
): Promise<GatheredCounts> {
  const columnOf = new Map<string, number>();
  let cells = 0;
  for (const slide of slides) {
    const table = await slide.open("cells");
    for (const gene of await table.varNames()) {
      if (!columnOf.has(gene)) columnOf.set(gene, columnOf.size);
    }
    cells += table.shape[0];
  }
  requireColumns(columnOf.size);
  const file = CountFile.create(`${ctx.scratch}/counts`, cells);
  try {
    const transcripts = new Float64Array(cells);
    const gathered: SlideRows[] = [];
    let done = 0;
    for (const slide of slides) {
      const table = await slide.open("cells");
      const totals = await transcriptsOf(table);
      transcripts.set(totals, done);
      const rows = rowsWhere(totals.length, (row) => totals[row] > minTranscripts);
      const geneSums = await appendRows(slide, table, rows, { file, columnOf }, (row) => {
        ctx.signal.throwIfAborted();
        ctx.progress.update(done + row, cells, "cells gathered");
      });
      gathered.push({ slide, rows, geneSums });
      done += totals.length;
    }
    file.finish();
    return { file, genes: [...columnOf.keys()], slides: gathered, transcripts };
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

/** Appends some rows of a slide, a block at a time; the sums of all genes over them. */
async function appendRows(
  slide: CountedSlide,
  table: AnnDataHandle,
  rows: Int32Array,
  { file, columnOf }: { file: CountFile; columnOf: ReadonlyMap<string, number> },
  report: (row: number) => void,
): Promise<Float64Array> {
  const genes = await table.varNames();
  const columns = Int32Array.from(genes, (gene) => columnOf.get(gene)!);
  const layer = await slide.open("layer");
  // Our own tables hold counts in X; the layer that others keep lies in the table itself.
  const matrix = layer === `${table.path}/layers/count` ? "layers/count" : "X";
  const sums = new Float64Array(columnOf.size);
  let next = 0;
  for (let from = 0; from < table.shape[0]; from += BLOCK_ROWS) {
    report(from);
    const to = Math.min(table.shape[0], from + BLOCK_ROWS);
    const first = next;
    while (next < rows.length && rows[next] < to) next++;
    if (next === first) continue;
    const block = await table.csrRows(from, to, matrix);
    const kept = takeRows(block, rows.subarray(first, next).map((row) => row - from));
    file.append(kept, columns);
    for (let k = 0; k < kept.data.length; k++) {
      sums[columns[Number(kept.indices[k])]] += Number(kept.data[k]);
    }
  }
  return sums;
}

/** Transcripts of each row as 10x counted them. */
async function transcriptsOf(table: AnnDataHandle): Promise<Float64Array> {
  const totals = await table.column("obs", "transcript_counts");
  if (isNumericArray(totals)) return Float64Array.from(totals as ArrayLike<number>);
  throw new SthelarError("CorruptData", {
    action: `Cannot read "transcript_counts" of "${table.path}"`,
    found: "no numbers",
    path: table.path,
  });
}

/** The true category of some rows of a slide; `undefined` where it is not known. */
export async function truthOfRows(
  { slide, rows }: SlideRows,
): Promise<readonly (string | undefined)[] | undefined> {
  const truth = slide.simulated ? await slide.open("truth") : undefined;
  if (truth === undefined) return undefined;
  const ids = await bundleIdsOf(await slide.open("cells"));
  return Array.from(rows, (row) => truth.finalLabel[truth.rowOf.get(ids[row]) ?? -1]);
}
