import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { readParquetColumns } from "@/formats/parquet/mod.ts";
import { compareAnnotations } from "@/study/2_10s_compare_annotations.ts";
import {
  type AnnotatedRow,
  type AnnotatedSlide,
  buildAnnotatedSlide,
  buildMadeStudy,
  openMadeStudy,
  readMade,
} from "./annotated_slides.ts";

const row = (id: string, label1: string, final: string): AnnotatedRow => [
  ...[id, label1, label1, "normal_cell", final] as const,
];
const HEART: AnnotatedSlide = {
  nuclei: [row("1", "T", "T_NK"), row("2", "B", "B_Plasma"), row("3", "less10", "Less10")],
  cells: [row("2", "T", "T_NK"), row("1", "T", "T_NK"), row("9", "DC", "Myeloid")],
  combined: { "1": "T_NK", "2": "B_Plasma", "9": "Less10" },
  panNuke: { "1": "Inflammatory", "3": "Epithelial" },
};
const SKIN: AnnotatedSlide = {
  nuclei: [row("1", "T", "T_NK"), row("2", "B", "B_Plasma")],
  cells: [row("1", "T", "T_NK"), row("2", "Unknown", "Unknown")],
  truth: { "1": "T_NK", "2": "Myeloid" },
};

async function inFolder(run: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await run(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function built(root: string, params = {}) {
  await buildAnnotatedSlide(localDisk, root, "heart_s0", HEART);
  await buildAnnotatedSlide(localDisk, root, "skin_s2", SKIN);
  return await buildMadeStudy(localDisk, root, [compareAnnotations], { params });
}

Deno.test("compare_annotations puts every id of a slide on one row, in the published columns", async () => {
  await inFolder(async (root) => {
    await built(root);
    const path = `${root}/out/study/made/tables/annotations.parquet`;
    const table = await readParquetColumns(localDisk, path);
    assertEquals(table.names, [
      ...["slide_id", "cell_id", "label1_nuclei", "final_label_nuclei", "label1_cells"],
      ...["final_label_cells", "PanNuke_label", "PanNuke_proba", "final_label_combined"],
      "final_label_truth",
    ]);
    const columns = table.names.filter((name) => name !== "PanNuke_proba")
      .map((name) => table.text(name));
    const rows = columns[0].map((_, i) => columns.map((values) => values[i] ?? "-").join(" "));
    assertEquals(rows, [
      "heart_s0 1 T T_NK T T_NK Inflammatory T_NK -",
      "heart_s0 2 B B_Plasma T T_NK - B_Plasma -",
      "heart_s0 3 less10 Less10 - - Epithelial - -",
      "heart_s0 9 - - DC Myeloid - Less10 -",
      "skin_s2 1 T T_NK T T_NK - - T_NK",
      "skin_s2 2 B B_Plasma Unknown Unknown - - Myeloid",
    ]);
  });
});

Deno.test("compare_annotations scores each pair by slide and over all", async () => {
  await inFolder(async (root) => {
    const study = await built(root);
    const csv = await readMade(localDisk, root, "tables/annotation_agreement.csv");
    const lines = csv.trimEnd().split("\n").map((line) => line.split(","));
    const find = (...wanted: string[]) =>
      lines.find((line) => wanted.every((text, i) => line[i] === text))!.slice(4, 8);
    assertEquals(find("all", "nuclei", "cells", "all").slice(0, 2), ["4", "0.500000"]);
    assertEquals(find("all", "nuclei", "cells", "known").slice(0, 2), ["3", "0.666667"]);
    assertEquals(find("skin_s2", "truth", "nuclei", "all").slice(0, 2), ["2", "0.500000"]);
    // Classes of PanNuke are others: equality means nothing.
    assertEquals(find("heart_s0", "nuclei", "pannuke", "all").slice(1), ["", "", ""]);
    assert(!lines.some(([slide, , second]) => slide === "skin_s2" && second === "combined"));
    const confusion = await readMade(localDisk, root, "tables/annotation_confusion.csv");
    assertStringIncludes(confusion, "all,nuclei,cells,B_Plasma,T_NK,1\n");
    const json = JSON.parse(await readMade(localDisk, root, "tables/annotation_agreement.json"));
    assertEquals(json.length, 10);
    const figures = await localDisk.list(`${root}/out/study/made/figures`);
    for (const name of ["label_flow", "agreement_by_slide", "agreement_truth_cells"]) {
      assert(figures.includes(`${name}.svg`), `${name} of ${figures}`);
    }
    assertStringIncludes(
      await readMade(localDisk, root, "report.html"),
      "How far annotations agree",
    );
    assertEquals(study.record.steps["2-10s"].warnings, []);
  });
});

Deno.test("compare_annotations writes CSV if asked to", async () => {
  await inFolder(async (root) => {
    await built(root, { "2-10s": { format: "csv" } });
    const text = await readMade(localDisk, root, "tables/annotations.csv");
    assertStringIncludes(text, "heart_s0,9,,,DC,Myeloid,,,Less10,\n");
    assertEquals(await localDisk.list(`${root}/out/study/made/models`), []);
  });
});

Deno.test("compare_annotations goes without combined labels, and runs again once they are there", async () => {
  await inFolder(async (root) => {
    await buildAnnotatedSlide(localDisk, root, "skin_s2", SKIN);
    await buildMadeStudy(localDisk, root, [compareAnnotations]);
    const { action } = (await openMadeStudy(localDisk, root, [compareAnnotations])).planned(
      "2-10s",
    );
    assertEquals(action, "keep");
    await buildAnnotatedSlide(localDisk, root, "skin_s2", {
      ...SKIN,
      combined: { "1": "T_NK", "2": "T_NK" },
    });
    const study = await openMadeStudy(localDisk, root, [compareAnnotations]);
    assertEquals(study.planned("2-10s").reason, "skin_s2 changed");
  });
});

Deno.test("compare_annotations refuses an id that a table has twice", async () => {
  await inFolder(async (root) => {
    const cells = [row("1", "T", "T_NK"), row("1", "B", "B_Plasma")];
    await buildAnnotatedSlide(localDisk, root, "skin_s2", { ...SKIN, cells });
    const study = await openMadeStudy(localDisk, root, [compareAnnotations]);
    await assertRejects(() => study.run("2-10s"), SthelarError, '"1" twice in "table_cells"');
  });
});
