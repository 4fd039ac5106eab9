import type { DenseArray } from "@/core/arrays.ts";
import { type Categorical, constantCategorical } from "@/core/categorical.ts";
import { type Column, writeParquet } from "@/formats/parquet/mod.ts";
import { asLabels } from "./annotation_inputs.ts";
import type { SlideRows } from "./gather_counts.ts";
import { joinParts } from "./join_parts.ts";
import type { JointSpace } from "./joint_space.ts";
import type { ModelCounts } from "./model_counts.ts";
import type { StudyContext } from "./study_step.ts";

/** What the file of latent places holds of each cell. */
export interface LatentCells extends Pick<JointSpace, "layout" | "clusterings"> {
  /** `(n_cells, n_latent)`. */
  readonly latent: DenseArray<Float32Array>;
  /** Final label of each cell. */
  readonly labels: Categorical;
}

/** Writes `scvi_latent.parquet`: a slide at a time as a scratch file, then from file to file. */
export async function writeLatentFile(
  slides: readonly SlideRows[],
  { samples, fileRows }: Pick<ModelCounts, "samples" | "fileRows">,
  cells: LatentCells,
  ctx: StudyContext,
): Promise<void> {
  const { files, scratch } = ctx;
  const parts: string[] = [];
  let first = 0, before = 0;
  for (const [sample, { slide, rows }] of slides.entries()) {
    let end = first;
    while (end < samples.length && samples[end] === sample) end++;
    const table = await slide.open("cells");
    const { codes, levels } = asLabels(await table.column("obs", "cell_id"), table.path);
    const ids = Array.from(
      fileRows.subarray(first, end),
      (row) => levels[codes[rows[row - before]]],
    );
    const path = `${scratch}/latent-${sample}.parquet`;
    await writeParquet(files.disk, path, columnsOf(slide.name, ids, cells, first, end));
    parts.push(path);
    first = end;
    before += rows.length;
  }
  const path = files.add(
    "tables",
    "scvi_latent.parquet",
    "places of cells in the latent space of all slides, their UMAP, clusters and final label",
  );
  await joinParts(parts, { path }, ctx);
}

function columnsOf(
  slide: string,
  ids: readonly string[],
  { latent, layout, clusterings, labels }: LatentCells,
  first: number,
  end: number,
): Map<string, Column> {
  const axis = ({ data, shape: [, width] }: DenseArray<Float32Array>, column: number): Column => ({
    kind: "numbers",
    values: Float32Array.from(
      { length: end - first },
      (_, i) => data[(first + i) * width + column],
    ),
  });
  const names = (kind: string, { shape: [, width] }: DenseArray) =>
    Array.from({ length: width }, (_, column) => `${kind}_${column + 1}`);
  return new Map<string, Column>([
    ["slide", { kind: "categories", values: constantCategorical(slide, ids.length) }],
    ["cell_id", { kind: "text", values: ids }],
    ...names("latent", latent).map((name, i) => [name, axis(latent, i)] as const),
    ...names("umap", layout).map((name, i) => [name, axis(layout, i)] as const),
    ...[...clusterings].map(([resolution, clusters]) =>
      [
        `leiden_res${resolution}`,
        { kind: "numbers" as const, values: clusters.slice(first, end) },
      ] as const
    ),
    [
      "final_label",
      { kind: "categories", values: { ...labels, codes: labels.codes.slice(first, end) } },
    ],
  ]);
}
