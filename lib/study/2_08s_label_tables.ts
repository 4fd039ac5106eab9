import { encodeJson } from "@/pipeline/manifest.ts";
import { formatCount } from "@/plots/mod.ts";
import { LABEL_INPUTS, type Unit, UNITS } from "./annotation_inputs.ts";
import { csvText } from "./csv_text.ts";
import { countLabels, isClustered, type LabelCount } from "./label_counts.ts";
import { labelFigures } from "./label_figures.ts";
import { labelDictionary, SHARE_LABELS, sharesOfSlide, type SlideShares } from "./label_shares.ts";
import {
  defineStudyStep,
  type ReportSection,
  type StudyContext,
  type StudySlide,
} from "./study_step.ts";

/** 2-8 and 2-9 over slides: which labels there are, how many cells have them, in which tissues. */
export const labelTables = defineStudyStep({
  id: "2-08s",
  name: "label_tables",
  version: 1,
  doc: "Tables and figures of the labels of nuclei and cells, by slide and tissue",
  inputs: LABEL_INPUTS,
  params: {},
  async run(slides, _params, ctx) {
    const sections: ReportSection[] = [];
    const shares: [Unit, SlideShares][] = [];
    const figures = [];
    for (const unit of UNITS) {
      const counts: LabelCount[] = [];
      for (const [done, slide] of slides.entries()) {
        ctx.progress.update(done, slides.length, `slides (${unit})`);
        ctx.signal.throwIfAborted();
        counts.push(...await countLabels(slide, unit));
      }
      await writeLabelTable(counts, unit, ctx);
      sections.push(await writeDictionary(counts, unit, ctx));
      for (const slide of slides) shares.push([unit, sharesOfSlide(slide, unit, counts)]);
      figures.push(...labelFigures(counts, unit, ctx.notes));
    }
    await writeShares(slides, shares, ctx);
    return { figures, sections: [...publishedSection(shares), ...sections] };
  },
});

async function writeLabelTable(
  counts: readonly LabelCount[],
  unit: Unit,
  { files }: StudyContext,
): Promise<void> {
  const columns = [
    "sample_id",
    "tissue",
    "label1",
    "label2",
    "label3",
    "cell_count",
    "final_label",
  ];
  const rows = counts.filter(isClustered).map((count) => [
    ...[count.slide, count.tissue, count.label1, count.label2, count.label3],
    ...[count.cells, count.finalLabel],
  ]);
  const path = files.add("tables", `labels_table_${unit}.csv`, `labels of ${unit} by slide`);
  await files.disk.write(path, new TextEncoder().encode(csvText(columns, rows)));
}

async function writeDictionary(
  counts: readonly LabelCount[],
  unit: Unit,
  { files, warn }: StudyContext,
): Promise<ReportSection> {
  const { categories, added, ambiguous } = labelDictionary(counts, unit);
  const name = `label_dict_unique_${unit}.json`;
  const path = files.add("tables", name, `category of label1_label2_label3 of ${unit}`);
  await files.disk.write(path, encodeJson(categories));
  if (ambiguous.length > 0) {
    warn(
      `labels of ${unit} with several categories: ${ambiguous.join(", ")}; the commonest is kept`,
    );
  }
  return {
    title: `Labels of ${unit} that the published dictionary lacks`,
    text: added.length === 0
      ? "None: every combination of labels is a published one."
      : `${added.length} of ${Object.keys(categories).length - 1} combinations.`,
    columns: ["label1_label2_label3", "final label", unit],
    rows: added.map(([combination, category, cells]) => [
      ...[combination, category, formatCount(cells)],
    ]),
  };
}

async function writeShares(
  slides: readonly StudySlide[],
  shares: readonly (readonly [Unit, SlideShares])[],
  { files }: StudyContext,
): Promise<void> {
  const simulated = new Set(slides.filter((slide) => slide.simulated).map(({ name }) => name));
  const columns = ["table", "slide_id", "n_gt10", "n_source", ...SHARE_LABELS];
  // The published file lists cells before nuclei.
  const rows = [...shares].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
    .map(([unit, { slide, rows, percent, fromPublished }]) => [
      ...[unit, slide, rows, simulated.has(slide) ? "simulated" : "exact"],
      ...percent.map((value) => value.toFixed(1)),
      fromPublished?.toFixed(1),
    ]);
  const path = files.add(
    "tables",
    "final_label_percent_per_slide.csv",
    "per cent of each final label by slide, of rows with more than 10 transcripts; last column: " +
      "largest difference from the published share, percentage points, on real published slides",
  );
  const text = csvText([...columns, "largest_difference_from_published"], rows);
  await files.disk.write(path, new TextEncoder().encode(text));
}

function publishedSection(
  shares: readonly (readonly [Unit, SlideShares])[],
): readonly ReportSection[] {
  const rows = shares.flatMap(([unit, { slide, fromPublished }]) =>
    fromPublished === undefined ? [] : [[slide, unit, `${fromPublished.toFixed(1)} points`]]
  );
  if (rows.length === 0) return [];
  return [{
    title: "Final labels against the published shares",
    text: "Largest difference of a category's share; the published ones were read off charts.",
    columns: ["slide", "table", "largest difference"],
    rows,
  }];
}
