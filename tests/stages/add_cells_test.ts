import { assert, assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { type PresetName, simulateSlide } from "@/simulate/mod.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { trueContent } from "../simulate/true_content.ts";
import { addedCells, countsByRow, ringsOf, texts } from "./added_cells.ts";

const COLUMNS_1_0 = ["transcript_counts", "control_probe_counts", "control_codeword_counts"];
const UNASSIGNED = "unassigned_codeword_counts";
const SIZES = ["total_counts", "cell_area", "nucleus_area"];
const LAST = ["region", "z_level", "xenium_cell_id"];
const COLUMNS_3_0 = [
  "transcript_counts",
  "control_probe_counts",
  "genomic_control_counts",
  "control_codeword_counts",
  UNASSIGNED,
  "deprecated_codeword_counts",
  ...SIZES,
  "nucleus_count",
  "segmentation_method",
  ...LAST,
];
const COLUMNS: Partial<Record<PresetName, readonly string[]>> = {
  "v1.0": [...COLUMNS_1_0, ...SIZES, ...LAST],
  "v1.4": [...COLUMNS_1_0, UNASSIGNED, ...SIZES, ...LAST],
  "v2.0": [
    ...COLUMNS_1_0,
    UNASSIGNED,
    "deprecated_codeword_counts",
    ...SIZES,
    "nucleus_count",
    ...LAST,
  ],
  "v4.0-protein": COLUMNS_3_0,
  "ranger-resegment": COLUMNS_3_0,
};

for (const [name, columns] of Object.entries(COLUMNS)) {
  Deno.test(`2-04 gives each nucleus the cell and the counts that the simulator made: ${name}`, () =>
    withTempDir(async (folder) => {
      const options = {
        slideId: "heart_s0",
        cells: 120,
        referenceCells: 20,
        morphologyCompression: "deflate",
        preset: name as PresetName,
      } as const;
      await simulateSlide(localDisk, `${folder}/bundle`, options);
      const truth = trueContent(options);
      const { table, shapes, nuclei, nucleusShapes, report } = await addedCells(
        `${folder}/bundle`,
        folder,
        { invalidPolygons: "drop" },
      );
      const xeniumIds = texts(table, "xenium_cell_id");
      const withNucleus = truth.cells.cell_id.map(String)
        .filter((id) => id in truth.nuclei && id in truth.outlines);
      assertEquals(xeniumIds.toSorted(), withNucleus.toSorted());
      const idOf = new Map(
        texts(nuclei, "xenium_cell_id").map((id, i) => [id, texts(nuclei, "cell_id")[i]]),
      );
      assertEquals(texts(table, "cell_id"), xeniumIds.map((id) => idOf.get(id)!));
      assertEquals(shapes.ids, texts(table, "cell_id"));
      assertEquals(table.obs.index, shapes.ids);
      assertEquals(ringsOf(shapes), xeniumIds.map((id) => [...truth.outlines[id]]));
      assertEquals(shapes.transformations, nucleusShapes.transformations);

      const genes = truth.features.flatMap((text, f) =>
        text.endsWith(": Gene Expression") ? [[f, text.split(": ")[0]] as const] : []
      );
      assertEquals(table.var.index, genes.map(([, gene]) => gene));
      assertEquals(
        countsByRow(table),
        xeniumIds.map((id) =>
          Object.fromEntries(genes.flatMap(([f, gene]) => {
            const count = truth.counts[id][f];
            return count === undefined ? [] : [[gene, count]];
          }))
        ),
      );
      assertEquals([...table.obs.columns.keys()], ["cell_id", ...columns]);
      const row = truth.cells.cell_id.map(String).indexOf(xeniumIds[7]);
      assertEquals(
        [...(table.obsm.spatial as { data: Float64Array }).data.subarray(14, 16)],
        [truth.cells.x[row], truth.cells.y[row]],
      );
      assertEquals(report.cells, { total: 120, added: xeniumIds.length });
      assertEquals(report.cellsWithoutNucleus.count, 120 - nuclei.obs.index.length);
      assert(report.cellsWithoutNucleus.ids.every((id) => !(id in truth.nuclei)));
      assertEquals(report.nucleiWithoutCell.count, 0);
      assertEquals(report.nucleiWithoutPolygon.count, nuclei.obs.index.length - xeniumIds.length);
      assertEquals([report.genes, report.differingCounts], [genes.length, 0]);
      assertEquals(
        Object.values(report.otherFeatures).reduce((a, b) => a + b),
        truth.features.length - genes.length,
      );
    }));
}
