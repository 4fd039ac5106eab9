import { type Categorical, constantCategorical } from "@/core/categorical.ts";
import { type Column, writeParquet } from "@/formats/parquet/mod.ts";
import { joinParts } from "./join_parts.ts";
import type { MergedSlide } from "./merge_annotations.ts";
import type { StudyContext } from "./study_step.ts";

/** Format of the file of merged annotations. */
export type AnnotationFormat = "parquet" | "csv";

/** The columns that every slide has, and those that it may lack, in the published order. */
const REQUIRED = [
  "slide_id",
  "cell_id",
  "label1_nuclei",
  "final_label_nuclei",
  "label1_cells",
  "final_label_cells",
];
const OPTIONAL = ["PanNuke_label", "PanNuke_proba", "final_label_combined", "final_label_truth"];

/**
 * Writes the merged annotations of many slides as one file: a slide at a time as a scratch file, then
 * all of them from file to file.
 */
export class AnnotationFile {
  readonly #ctx: StudyContext;
  readonly #parts: string[] = [];
  readonly #present = new Set<string>();

  constructor(ctx: StudyContext) {
    this.#ctx = ctx;
  }

  /** Adds the rows of a slide. */
  async add(merged: MergedSlide): Promise<void> {
    const path = `${this.#ctx.scratch}/annotations-${this.#parts.length}.parquet`;
    const columns = columnsOf(merged);
    for (const [name, column] of columns) if (column !== undefined) this.#present.add(name);
    const rows = merged.cellIds.length;
    const all = [...columns].map(([name, column]) =>
      [name, column ?? emptyColumn(name, rows)] as const
    );
    await writeParquet(this.#ctx.files.disk, path, new Map(all));
    this.#parts.push(path);
  }

  /** Writes the file; columns that no slide has are left out. */
  async write(format: AnnotationFormat): Promise<void> {
    const columns = [...REQUIRED, ...OPTIONAL].filter((name) => this.#present.has(name));
    const path = this.#ctx.files.add(
      "tables",
      `annotations.${format}`,
      "every annotation of every cell: a row an id of a slide",
    );
    await joinParts(this.#parts, { path, format, columns }, this.#ctx);
  }
}

function columnsOf(merged: MergedSlide): Map<string, Column | undefined> {
  const rows = merged.cellIds.length;
  const { panNukeProbability } = merged;
  return new Map<string, Column | undefined>([
    ["slide_id", categories(constantCategorical(merged.slide, rows))],
    ["cell_id", { kind: "text", values: merged.cellIds }],
    ["label1_nuclei", categories(merged.label1Nuclei)],
    ["final_label_nuclei", categories(merged.finalNuclei)],
    ["label1_cells", categories(merged.label1Cells)],
    ["final_label_cells", categories(merged.finalCells)],
    ["PanNuke_label", categories(merged.panNuke)],
    [
      "PanNuke_proba",
      panNukeProbability && {
        kind: "numbers",
        values: panNukeProbability,
        missing: Uint8Array.from(panNukeProbability, (value) => Number.isNaN(value) ? 1 : 0),
      },
    ],
    ["final_label_combined", categories(merged.finalCombined)],
    ["final_label_truth", categories(merged.truth)],
  ]);
}

function categories<T extends Categorical | undefined>(
  values: T,
): T extends undefined ? undefined : Column {
  return (values && { kind: "categories", values }) as T extends undefined ? undefined : Column;
}

/** A column of a slide that lacks the annotation. */
function emptyColumn(name: string, rows: number): Column {
  if (name === "PanNuke_proba") {
    return {
      kind: "numbers",
      values: new Float64Array(rows),
      missing: new Uint8Array(rows).fill(1),
    };
  }
  return { kind: "text", values: new Array<undefined>(rows).fill(undefined) };
}
