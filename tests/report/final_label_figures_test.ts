import { assert, assertEquals } from "@std/assert";
import {
  combinationTable,
  countsOfLabels,
  hasFinalLabels,
  mapOfFinalLabels,
  openFinalLabels,
  sharesOfFinalLabels,
  umapOfFinalLabels,
} from "@/report/final_label_figures.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { openLabels } from "../stages/planted_labels.ts";
import { runAll } from "../stages/planted_slide.ts";

Deno.test("figures of final labels show what was clustered, and the map every row", () =>
  withTempDir(async (folder) => {
    const slide = await openLabels(folder);
    assertEquals(hasFinalLabels(slide, "cells"), false);
    await runAll(slide);
    assertEquals(hasFinalLabels(slide, "cells"), true);
    const [nuclei, cells] = [
      await openFinalLabels(slide, "nuclei"),
      await openFinalLabels(slide, "cells"),
    ];
    const umap = await umapOfFinalLabels(nuclei)!.svg();
    assert(umap.includes(">4 nuclei<") && !umap.includes("Less10"));
    const map = await mapOfFinalLabels(nuclei).svg();
    assert(map.includes("Less10 (2, 33.3 %)") && map.includes("T_NK (2, 33.3 %)"));
    const counts = await countsOfLabels(cells).svg();
    assert(counts.includes(">normal_cell<") && !counts.includes("less10"));
    assert(counts.includes(">5 cells that were clustered<"));
    const shares = await sharesOfFinalLabels([nuclei, cells]).svg();
    assert(shares.includes(">2 (50.0 %)<") && shares.includes(">3 (60.0 %)<"));
    assertEquals(
      combinationTable(cells).map((row) => [row.label2, row.rows, row["known by"]]),
      [
        ["B", 1, "published combination"],
        ["Mast", 1, "published combination"],
        ["T", 2, "published combination"],
        ["T_new", 1, "label1"],
        ["less10", 1, "published combination"],
      ],
    );
  }));

Deno.test("labels of a store of others are shown with the categories that they have", () =>
  withTempDir(async (folder) => {
    const slide = await openLabels(folder);
    await runAll(slide);
    const has = slide.has.bind(slide);
    slide.has = (node) => !node.startsWith("reports/") && has(node);
    const { combinations } = await openFinalLabels(slide, "cells");
    assertEquals(
      combinations.map(({ label2, finalLabel, count, how }) => [label2, finalLabel, count, how]),
      [
        ["less10", "Less10", 1, undefined],
        ["T", "T_NK", 2, undefined],
        ["Mast", "Myeloid", 1, undefined],
        ["B", "B_Plasma", 1, undefined],
        ["T_new", "T_NK", 1, undefined],
      ],
    );
  }));
