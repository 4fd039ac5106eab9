import { byCodeUnit } from "@/core/categorical.ts";
import { categoryOfCombination, LESS10 } from "@/labels/mod.ts";
import { catalogueSlide } from "@/pipeline/catalogue.ts";
import publishedFile from "../../data/simulation/final_label_percent.json" with { type: "json" };
import type { Unit } from "./annotation_inputs.ts";
import { isClustered, type LabelCount, sumBy } from "./label_counts.ts";

/** The categories of the published shares, in the order of its columns. */
export const SHARE_LABELS = [
  "B_Plasma",
  "Blood_vessel",
  "Epithelial",
  "Fibroblast_Myofibroblast",
  "Glioblastoma",
  "Melanocyte",
  "Myeloid",
  "Specialized",
  "Stem_like",
  "T_NK",
  "Unknown",
] as const;

type Percent = Readonly<Record<string, number>>;

/** Published shares by slide; categories that are not there have none. */
const PUBLISHED: Readonly<Record<string, { cellPercent: Percent; nucleusPercent: Percent }>> =
  publishedFile;

function publishedShares(slide: string, unit: Unit): Percent | undefined {
  return unit === "cells" ? PUBLISHED[slide]?.cellPercent : PUBLISHED[slide]?.nucleusPercent;
}

/** Shares of the categories of a slide, over rows with enough transcripts. */
export interface SlideShares {
  /** `heart_s0` */
  readonly slide: string;
  /** Rows with more than 10 transcripts. */
  readonly rows: number;
  /** Per cent of each of {@link SHARE_LABELS}. */
  readonly percent: readonly number[];
  /** Largest difference from the published share of a category, percentage points, where known. */
  readonly fromPublished: number | undefined;
}

/**
 * Shares of the categories of a slide; compared with the published ones where the slide is a published
 * one and real.
 */
export function sharesOfSlide(
  slide: { readonly name: string; readonly simulated: boolean },
  unit: Unit,
  counts: readonly LabelCount[],
): SlideShares {
  const clustered = counts.filter((count) => count.slide === slide.name && isClustered(count));
  const sums = sumBy(clustered, ({ finalLabel }) => finalLabel);
  const rows = [...sums.values()].reduce((sum, cells) => sum + cells, 0);
  const percent = SHARE_LABELS.map((label) => 100 * (sums.get(label) ?? 0) / Math.max(1, rows));
  const isComparable = !slide.simulated && catalogueSlide(slide.name) !== undefined;
  const published = isComparable ? publishedShares(slide.name, unit) : undefined;
  return {
    slide: slide.name,
    rows,
    percent,
    fromPublished: published &&
      Math.max(...SHARE_LABELS.map((label, i) => Math.abs(percent[i] - (published[label] ?? 0)))),
  };
}

/** A combination of labels and its category, `label1_label2_label3`. */
export function combinedLabel({ label1, label2, label3 }: LabelCount): string {
  return `${label1}_${label2}_${label3}`;
}

/** What {@link labelDictionary} finds. */
export interface LabelDictionary {
  /** Category of each combination, sorted; `less10_less10_less10` last. */
  readonly categories: Readonly<Record<string, string>>;
  /** Combinations that the published dictionary lacks, with their cells. */
  readonly added: readonly (readonly [combination: string, category: string, cells: number])[];
  /** Combinations that got several categories: the commonest counts. */
  readonly ambiguous: readonly string[];
}

/** The category of every combination of labels that occurs, as the published dictionaries give it. */
export function labelDictionary(counts: readonly LabelCount[], unit: Unit): LabelDictionary {
  const tallies = new Map<string, Map<string, number>>();
  const published = new Set<string>();
  for (const count of counts.filter(isClustered)) {
    const isPublished = categoryOfCombination(count, unit)?.how === "combination";
    if (isPublished) published.add(combinedLabel(count));
    const tally = tallies.get(combinedLabel(count)) ?? new Map<string, number>();
    tally.set(count.finalLabel, (tally.get(count.finalLabel) ?? 0) + count.cells);
    tallies.set(combinedLabel(count), tally);
  }
  const entries = [...tallies].sort(([a], [b]) => byCodeUnit(a, b)).map(([combination, tally]) => {
    const [[category]] = [...tally].sort(([, a], [, b]) => b - a);
    const cells = [...tally.values()].reduce((sum, value) => sum + value, 0);
    return { combination, category, cells, isAmbiguous: tally.size > 1 };
  });
  return {
    categories: {
      ...Object.fromEntries(entries.map(({ combination, category }) => [combination, category])),
      less10_less10_less10: LESS10,
    },
    added: entries.filter(({ combination }) => !published.has(combination))
      .map(({ combination, category, cells }) => [combination, category, cells] as const),
    ambiguous: entries.filter(({ isAmbiguous }) => isAmbiguous)
      .map(({ combination }) => combination),
  };
}
