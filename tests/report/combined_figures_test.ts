import { assert, assertEquals } from "@std/assert";
import {
  combinedAgainstTruth,
  combinedClustersEvidence,
  combinedClustersTable,
  openCombined,
  screeOfBlocks,
  umapOfChosenClusters,
  umapOfCombinedClusters,
  umapOfCombinedLabels,
} from "@/report/combined_figures.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { openPairs } from "../stages/planted_combined.ts";
import { runAll } from "../stages/planted_slide.ts";

const isIn = (svg: string, texts: readonly string[]) => {
  for (const text of texts) assert(svg.includes(`>${text}<`), text);
};

Deno.test("the figures of 2-10 show the combined cells, with the colours of their categories", () =>
  withTempDir(async (folder) => {
    const slide = await openPairs(folder, {
      truth: true,
      nucleusLabel: (category, row) => row % 3 === 0 ? "Less10" : category,
    });
    await runAll(slide);
    const data = await openCombined(slide);
    assertEquals(data.umap.x.length, 195);
    assert([...data.umap.x, ...data.umap.y].every(Number.isFinite));
    const first = await umapOfCombinedClusters(data).svg();
    isIn(first, ["leiden 0.4", "leiden 0.6", "final_label_cells", "final_label_nuclei"]);
    isIn(first, ["transcript_cat", "195 cells", "Blood_vessel"]);
    const second = await umapOfChosenClusters(data).svg();
    isIn(second, ["leiden 0.6", "label1_nuclei", "label1_cells", "Endothelial"]);
    const third = await umapOfCombinedLabels(data).svg();
    isIn(third, ["final_label_combined", "T_NK"]);
    assert(third.includes("#ff0f0f") && !third.includes("missing"));
    const { blocks: [{ components }] } = data.report!;
    isIn(await screeOfBlocks(data)!.svg(), ["PC1", "variance ratio", `${components} kept`]);
    isIn(await combinedClustersEvidence(data)!.svg(), ["their nuclei", "cells"]);
    assert((await combinedAgainstTruth(data)!.svg()).includes("combined 100.0 %"));
    const rows = combinedClustersTable(data);
    assertEquals(rows.reduce((sum, row) => sum + Number(row.cells), 0), 195);
    assert(String(rows[0]["of nuclei"]).includes("Less10"));
  }));

Deno.test("without a report the labels of others' stores are drawn, and what is not known is not", () =>
  withTempDir(async (folder) => {
    const slide = await openPairs(folder);
    await runAll(slide);
    const data = { ...await openCombined(slide), report: undefined, transcriptCat: undefined };
    isIn(await umapOfCombinedLabels(data).svg(), ["final_label_combined"]);
    assert(!(await umapOfCombinedClusters(data).svg()).includes("transcript_cat"));
    assertEquals([screeOfBlocks(data), combinedClustersEvidence(data)], [undefined, undefined]);
    assertEquals([combinedAgainstTruth(data), combinedClustersTable(data)], [undefined, []]);
  }));
