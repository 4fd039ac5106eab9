import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Element, readElement } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import type { Slide } from "@/pipeline/slide.ts";
import { standardizeCells } from "@/stages/2_09_standardize_cells.ts";
import type { StandardizeReport } from "@/stages/standardize_table.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { openLabels, type PlantedLabels } from "./planted_labels.ts";

async function standardize(folder: string, planted: PlantedLabels = {}) {
  const slide = await openLabels(folder, planted);
  for (const { stage, action } of slide.plan) {
    if (action === "run" && stage.id < "2-09") await slide.run(stage);
  }
  const told: string[] = [];
  await slide.run(standardizeCells, { inform: (message) => told.push(message) });
  const report = await slide.open(reportInput<StandardizeReport>("standardize_cells"));
  return { slide, told, report };
}

const read = <E extends Element>(slide: Slide, part: string) =>
  readElement(localDisk, slide.resolve(`tables/${part}`)) as Promise<E>;

Deno.test("2-08 and 2-09 write categories, and their colours in order and by name", () =>
  withTempDir(async (folder) => {
    const { slide } = await standardize(folder);
    for (
      const [table, wanted] of [
        ["table_nuclei", ["T_NK", "T_NK", "B_Plasma", "Myeloid", "Less10", "Less10"]],
        ["table_cells", ["Less10", "T_NK", "Myeloid", "B_Plasma", "T_NK", "T_NK"]],
      ] as const
    ) {
      const { codes, levels } = await read<Categorical>(slide, `${table}/obs/final_label`);
      assertEquals(Array.from(codes, (code) => levels[code]), [...wanted]);
      assertEquals(levels, ["B_Plasma", "Less10", "Myeloid", "T_NK"]);
      assertEquals(
        await read<string[]>(slide, `${table}/uns/final_label_colors`),
        ["#ff8f0f", "#8f8f8f", "#ffd30f", "#ff0f0f"],
      );
      const byName = await read<Map<string, string>>(
        slide,
        `${table}/uns/final_label_colors_by_name`,
      );
      assertEquals([byName.size, byName.get("Melanocyte")], [12, "#16a9df"]);
    }
  }));

Deno.test("2-09 lists combinations, says which are new, and shares of what was clustered", () =>
  withTempDir(async (folder) => {
    const { told, report } = await standardize(folder);
    assertEquals(told, [
      "combinations of labels that are not published, and get the category of their label1: 1 of 5, " +
      "as T / T_new / normal_cell -> T_NK",
    ]);
    assertEquals([report.unit, report.rows, report.less10], ["cells", 6, 1]);
    assertEquals(report.categories, [
      { finalLabel: "T_NK", count: 3, share: 0.6 },
      { finalLabel: "B_Plasma", count: 1, share: 0.2 },
      { finalLabel: "Myeloid", count: 1, share: 0.2 },
      { finalLabel: "Less10", count: 1, share: null },
    ]);
    assertEquals(report.combinations.filter(({ how }) => how === "label1"), [
      {
        ...{ label1: "T", label2: "T_new", label3: "normal_cell" },
        ...{ finalLabel: "T_NK", how: "label1", count: 1 },
      },
    ]);
    assertEquals(report.agreement, null);
  }));

Deno.test("2-09 compares categories with the truth of a simulated slide, by the cells' own ids", () =>
  withTempDir(async (folder) => {
    const truth = ["T_NK", "T_NK", "B_Plasma", "Epithelial", "T_NK", "Myeloid"];
    const { report: { agreement } } = await standardize(folder, { truth });
    assertEquals([agreement?.cells, agreement?.accuracy], [5, 0.8]);
    assertEquals(agreement?.recall, { B_Plasma: 1, Epithelial: 0, T_NK: 1 });
  }));

Deno.test("2-09 takes a slide of one label, and one without any", () =>
  withTempDir(async (folder) => {
    const cells = { labels: Array<string>(6).fill("less10"), totals: [1, 2, 3, 4, 5, 6] };
    const { report } = await standardize(folder, { cells });
    assertEquals(report.categories, [{ finalLabel: "Less10", count: 6, share: null }]);
    const one = { labels: Array<string>(6).fill("T"), totals: [11, 12, 13, 14, 15, 16] };
    const { report: { combinations } } = await withTempDir((other) =>
      standardize(other, { cells: one })
    );
    assertEquals(combinations.map(({ label1, count }) => [label1, count]), [["T", 6]]);
  }));

Deno.test("2-09 refuses an unknown label1 with its cells, and writes nothing", () =>
  withTempDir(async (folder) => {
    const cells = { labels: ["less10", "Endothelail", "Mast", "B", "Endothelail", "T"] };
    const error = await assertRejects(() => standardize(folder, { cells }), SthelarError);
    assertStringIncludes(error.message, '"Endothelail" of 2 cells (like "Endothelial"');
    assertStringIncludes(error.message, "clusters.json");
    const stages = await localDisk.list(`${folder}/out/planted/stages`);
    assertEquals(stages.filter((stage) => stage.startsWith("2-09")), []);
  }));
