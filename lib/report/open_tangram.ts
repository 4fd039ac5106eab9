import type { DenseArray } from "@/core/arrays.ts";
import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Input } from "@/core/stage.ts";
import {
  type AnnDataHandle,
  isCategorical,
  isNumericArray,
  isTexts,
  readElement,
} from "@/formats/anndata/mod.ts";
import { reportInput, tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { elementInput } from "@/formats/spatialdata/table_part_input.ts";
import { tissueOf } from "@/labels/mod.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { FigureNote } from "@/plots/mod.ts";
import { truthInput } from "@/stages/simulated_truth.ts";
import type { TangramReport, TangramType } from "@/stages/tangram_report.ts";
import { type Places, placesOf } from "./places.ts";

/** What each nucleus of a simulated slide is; `undefined` for one that the simulator doesn't know. */
export interface NucleusTruth {
  /** Its category. */
  readonly finalLabel: readonly (string | undefined)[];
  /** Its type in the reference, empty where the reference lacks it. */
  readonly referenceType: readonly (string | undefined)[];
}

/** A type that nuclei were scored for. */
export type ScoredType = Pick<TangramType, "name" | "column" | "nuclei">;

/** What stage 2-02 made, or others with the published pipeline. */
export interface TangramData {
  /** How nuclei were mapped; not known of a store that others made. */
  readonly report: TangramReport | undefined;
  /** The types. */
  readonly types: readonly ScoredType[];
  /** The type of each nucleus. */
  readonly labels: Categorical;
  /** Where each nucleus lies, µm. */
  readonly places: Places;
  /** Tissue of the slide. */
  readonly tissue: string;
  /** What nuclei are, if they are simulated. */
  readonly truth: NucleusTruth | undefined;
  /** Marks that the figures carry. */
  readonly notes: readonly FigureNote[];
  /**
   * Reads the score of each nucleus for one type.
   *
   * @param column Its column in `obsm/tangram_pred`.
   */
  readonly scores: (column: string) => Promise<Float32Array>;
}

const TABLE = "table_nuclei";

/**
 * Opens what stage 2-02 made of a slide; scores are read a type at a time.
 *
 * @throws {SthelarError} `NotFound` if the stage has not run.
 */
export async function openTangram(slide: Slide): Promise<TangramData> {
  const table = await slide.open(tableInput(TABLE));
  const labels = await slide.open(
    elementInput(TABLE, "obs/ct_tangram", isCategorical, "a column of categories"),
  );
  const nuclei = Int32Array.from({ length: table.shape[0] }, (_, nucleus) => nucleus);
  const report = slide.has("reports/tangram")
    ? await slide.open(reportInput<TangramReport>("tangram"))
    : undefined;
  return {
    report,
    types: report?.types ?? labelledTypes(labels),
    labels,
    places: placesOf(await table.element("obsm/spatial") as DenseArray, nuclei),
    tissue: tissueOf(slide.folder.slide),
    truth: slide.manifest.simulated ? await truthOf(slide, table) : undefined,
    notes: slide.manifest.simulated ? ["simulated"] : [],
    scores: (column) => slide.open(scoresInput(column)),
  };
}

/** Types by their labels alone: a column of scores is called as its type. */
function labelledTypes({ levels, codes }: Categorical): ScoredType[] {
  const nuclei = levels.map(() => 0);
  for (const code of codes) if (code >= 0) nuclei[code]++;
  return levels.map((name, level) => ({ name, column: name, nuclei: nuclei[level] }));
}

/** One column of the scores, which are one node together. */
function scoresInput(column: string): Input<Float32Array> {
  const node = `tables/${TABLE}/obsm/tangram_pred`;
  return {
    kind: "nodes",
    names: [node],
    doc: node,
    async open({ resolve, disk }) {
      const path = `${resolve(node)}/${column}`;
      const scores = await readElement(disk, path);
      if (isNumericArray(scores)) return Float32Array.from(scores as ArrayLike<number>);
      throw new SthelarError("CorruptData", {
        action: `Cannot read "obsm/tangram_pred/${column}" of "${TABLE}"`,
        found: "something else",
        expected: "numbers",
        path,
      });
    },
  };
}

/** The truth in the order of the nuclei. */
async function truthOf(slide: Slide, table: AnnDataHandle): Promise<NucleusTruth | undefined> {
  const truth = await slide.open(truthInput);
  if (truth === undefined || !table.columnNames("obs").includes("xenium_cell_id")) return undefined;
  const ids = await table.column("obs", "xenium_cell_id");
  if (!isTexts(ids)) return undefined;
  const rows = ids.map((id) => truth.rowOf.get(id));
  const inOrder = (values: readonly string[]) =>
    rows.map((row) => row === undefined ? undefined : values[row]);
  return {
    finalLabel: inOrder(truth.finalLabel),
    referenceType: inOrder(truth.referenceType),
  };
}
