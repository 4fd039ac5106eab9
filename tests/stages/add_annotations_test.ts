import { assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Categorical } from "@/core/categorical.ts";
import { type ErrorTag, SthelarError } from "@/core/errors.ts";
import { type Element, readElement } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import type { Slide } from "@/pipeline/slide.ts";
import { addAnnotations, type AnnotationReport } from "@/stages/2_07_add_annotations.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { CELLS, NUCLEI, openLabels, type PlantedLabels } from "./planted_labels.ts";

async function annotate(
  folder: string,
  planted: PlantedLabels = {},
  params: Record<string, unknown> = {},
): Promise<{ slide: Slide; warnings: readonly string[]; report: AnnotationReport }> {
  const slide = await openLabels(folder, planted, { "2-07": params });
  for (const { stage, action } of slide.plan) {
    if (stage.id < "2-07" && action === "run") await slide.run(stage);
  }
  const { warnings } = await slide.run(addAnnotations);
  const report = await slide.open(reportInput<AnnotationReport>("add_annotations"));
  return { slide, warnings, report };
}

const read = <E extends Element>(slide: Slide, part: string) =>
  readElement(localDisk, slide.resolve(`tables/${part}`)) as Promise<E>;

Deno.test("2-07 bins transcripts over all rows of each table, and gives their logarithms", () =>
  withTempDir(async (folder) => {
    const { slide, warnings, report } = await annotate(folder, {}, { quantiles: 3 });
    assertEquals(warnings, []);
    const { codes, levels, ordered } = await read<Categorical>(
      slide,
      "table_nuclei/obs/transcript_cat",
    );
    // pandas.qcut([40, 25, 31, 12, 10, 3], 3, labels=False)
    assertEquals([[...codes], levels, ordered], [[2, 1, 2, 1, 0, 0], ["0", "1", "2"], true]);
    const log = await read<Float64Array>(slide, "table_cells/obs/transcript_counts_log");
    CELLS.totals.forEach((total, row) => assertAlmostEquals(log[row], Math.log(1 + total), 1e-12));
    const { nuclei, cells, sharedIds, comparedScvi } = report;
    assertEquals([nuclei.rows, nuclei.less10, cells.less10, sharedIds], [6, 2, 1, 6]);
    assertEquals([nuclei.comparedCounts, comparedScvi], [true, false]);
    assertEquals(nuclei.bins, [
      { name: "0", rows: 2, from: 3, to: 10 },
      { name: "1", rows: 2, from: 12, to: 25 },
      { name: "2", rows: 2, from: 31, to: 40 },
    ]);
  }));

Deno.test("2-07 says how much of the depth clusters explain, over rows that were clustered", () =>
  withTempDir(async (folder) => {
    const totals = [20, 20, 55, 90, 10, 3];
    const { report } = await annotate(folder, { nuclei: { totals } });
    assertEquals(report.nuclei.explained, { label1: 1, clusters: 1 });
  }));

Deno.test("2-07 merges tied bins and says so, down to one bin", () =>
  withTempDir(async (folder) => {
    const totals = [12, 12, 12, 12, 12, 12];
    const labels = ["T", "T", "B", "Mast", "T", "B"];
    const { slide, warnings, report } = await annotate(folder, { nuclei: { totals, labels } });
    assertEquals(warnings, [
      "transcript_cat of table_nuclei has 1 bin in place of 7: many rows have 12 transcripts",
    ]);
    assertEquals([report.nuclei.bins.length, report.nuclei.tied], [1, [12]]);
    assertEquals(report.nuclei.explained.label1, null);
    const { codes } = await read<Categorical>(slide, "table_nuclei/obs/transcript_cat");
    assertEquals([...codes], [0, 0, 0, 0, 0, 0]);
  }));

Deno.test("2-07 takes a slide of one cluster, and one that was not clustered at all", () =>
  withTempDir(async (folder) => {
    const few = { totals: [1, 2, 3, 4, 5, 6], labels: Array<string>(6).fill("less10") };
    const one = { totals: [11, 12, 13, 14, 15, 16], labels: Array<string>(6).fill("T") };
    const { report: { nuclei, cells } } = await annotate(folder, { nuclei: few, cells: one });
    assertEquals([nuclei.less10, nuclei.explained], [6, { label1: null, clusters: null }]);
    assertEquals([cells.less10, cells.explained], [0, { label1: 0, clusters: 0 }]);
  }));

Deno.test("2-07 goes by what the reports say that clustering left out", () =>
  withTempDir(async (folder) => {
    const labels = ["T", "T", "B", "less10", "less10", "less10"];
    const cells = { labels: ["less10", "T", "Mast", "B", "T", "T"] };
    const { report } = await annotate(folder, { nuclei: { labels }, cells, minTranscripts: 20 });
    assertEquals([report.nuclei.minTranscripts, report.nuclei.less10], [20, 3]);
  }));

Deno.test("2-07 takes rows without label as not clustered, and X that is normalised", () =>
  withTempDir(async (folder) => {
    const labels = [...NUCLEI.labels.slice(0, 4), undefined, undefined];
    const layer = [40, 25, 31, 12, 0, 0];
    const nuclei = { labels, layer, divisor: 3 };
    const { report } = await annotate(folder, {
      nuclei,
      cells: { layer: [0, 30, 45, 60, 77, 90] },
    });
    assertEquals([report.nuclei.comparedCounts, report.cells.comparedCounts], [false, true]);
    assertEquals(report.nuclei.less10, 2);
  }));

Deno.test("2-07 compares the table of latent places by ids, in whatever order", () =>
  withTempDir(async (folder) => {
    const ids = ["b", "a", "c", "d", "e", "f"];
    const scvi = { ids, label1: ["T", "T", "B", "Mast", "T", "less10"] };
    assertEquals((await annotate(folder, { scvi })).report.comparedScvi, true);
  }));

const FIVE = {
  ids: CELLS.ids.slice(0, 5),
  totals: CELLS.totals.slice(0, 5),
  labels: CELLS.labels.slice(0, 5),
};

Deno.test("2-07 takes nuclei that are no cell, if 2-04 found them so", () =>
  withTempDir(async (folder) => {
    const { report } = await annotate(folder, {
      cells: FIVE,
      withoutCell: { count: 1, ids: ["a"] },
    });
    assertEquals([report.sharedIds, report.nucleiWithoutCell], [5, 1]);
  }));

const FAULTS: readonly [name: string, planted: PlantedLabels, tag: ErrorTag, words: string[]][] = [
  [
    "an id of several rows",
    { cells: { ids: ["f", "e", "d", "d", "f", "a"] } },
    "IdMismatch",
    ['cell_id "f", "d" (2 in all) in several rows', '"tables/table_cells"'],
  ],
  [
    "ids that one table lacks",
    { nuclei: { ids: ["a", "b", "c", "x", "e", "f"] } },
    "IdMismatch",
    ['"x" (1 in all) not in "table_cells"', '"d" (1 in all) not in "table_nuclei"'],
  ],
  [
    "nuclei that are no cell, if 2-04 found others so",
    { cells: FIVE, withoutCell: { count: 1, ids: ["b"] } },
    "IdMismatch",
    ['"a" (1 in all) not in "table_cells"'],
  ],
  [
    "a label of few transcripts",
    { nuclei: { labels: ["T", "T", "B", "Mast", "T", "less10"] } },
    "CorruptData",
    ['cell_id "e" (1 in all) with a label and 10 transcripts', "no more than 10, and only there"],
  ],
  [
    "less10 of many transcripts",
    { nuclei: { labels: ["T", "T", "less10", "less10", "less10", "less10"] } },
    "CorruptData",
    ['"c", "d" (2 in all) with label1 "less10" and 31 transcripts'],
  ],
  [
    "less10 in one label alone",
    { nuclei: { labels: ["T", "T", "B", ["Mast", "less10", "less10"], "less10", "less10"] } },
    "CorruptData",
    ['"d" (1 in all) with some labels "less10"'],
  ],
  [
    "other counts in the layer",
    { cells: { layer: [8, 30, 45, 61, 77, 90] } },
    "CorruptData",
    ['"c" (1 in all) with 60 counts in X and 61 in layers/count'],
  ],
  [
    "latent places of other cells",
    { scvi: { ids: ["a", "b", "c", "d", "e"], label1: ["T", "T", "B", "Mast", "T"] } },
    "IdMismatch",
    ['"f" (1 in all) not in "table_scvi"'],
  ],
  [
    "other labels of latent places",
    { scvi: { ids: CELLS.ids, label1: ["less10", "T", "Mast", "T", "T", "T"] } },
    "CorruptData",
    ['"c" (1 in all) with another label1', 'it is "B"', "stage 2-06"],
  ],
];

for (const [name, planted, tag, words] of FAULTS) {
  Deno.test(`2-07 refuses ${name}, and writes nothing`, () =>
    withTempDir(async (folder) => {
      const error = await assertRejects(() => annotate(folder, planted), SthelarError);
      assertEquals(error.tag, tag);
      for (const word of words) assertStringIncludes(error.message, word);
      const stages = await localDisk.list(`${folder}/out/planted/stages`);
      assertEquals(stages.filter((stage) => stage.startsWith("2-07")), []);
    }));
}
