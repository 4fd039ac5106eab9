import { type FigureNote, formatCount } from "@/plots/mod.ts";
import {
  logStackedBars,
  pairedColours,
  sampledColours,
  type StackedCount,
  tissuePies,
  twinStackedBars,
} from "@/plots/study/mod.ts";
import type { NamedFigure } from "@/report/slide_figures.ts";
import type { Unit } from "./annotation_inputs.ts";
import { labelColours } from "./label_colours.ts";
import { isClustered, type LabelCount } from "./label_counts.ts";

/** The figures of the labels of nuclei or cells, over rows with enough transcripts. */
export function labelFigures(
  all: readonly LabelCount[],
  unit: Unit,
  notes: readonly FigureNote[],
): NamedFigure[] {
  const counts = all.filter(isClustered);
  const pieces = (
    groupOf: (count: LabelCount) => string,
    partOf: (count: LabelCount) => string,
  ): StackedCount[] => summed(counts, groupOf, partOf);
  const finalColours = labelColours("final_label", counts.map(({ finalLabel }) => finalLabel));
  const finalLabels = [...finalColours.keys()].filter((label) =>
    counts.some(({ finalLabel }) => finalLabel === label)
  );
  const tissues = namesOf(counts, ({ tissue }) => tissue);
  const slides = namesOf(counts, ({ slide }) => slide);
  const label3Colours = labelColours("label3", counts.map(({ label3 }) => label3));
  const total = counts.reduce((sum, { cells }) => sum + cells, 0);
  const subtitle = `${formatCount(total)} ${unit} with more than 10 transcripts, ` +
    `${slides.length} slides`;
  const common = { unit, notes, subtitle };
  const bars = (name: string, title: string, groupOf: (count: LabelCount) => string) => ({
    name: `${name}_${unit}`,
    figure: logStackedBars({
      ...{ ...common, title, colours: label3Colours },
      counts: pieces(groupOf, ({ label3 }) => label3),
    }),
  });
  const byFinalLabel = (groups: readonly string[], of: (count: LabelCount) => string) => ({
    ...{ ...common, groups, colours: finalColours },
    counts: pieces(of, ({ finalLabel }) => finalLabel),
  });
  const byTissue = {
    ...{ ...common, groups: finalLabels },
    counts: pieces(({ finalLabel }) => finalLabel, ({ tissue }) => tissue),
  };
  return [
    bars("label1_counts", `Labels of ${unit}`, ({ label1 }) => label1),
    bars("final_label_counts", `Final labels of ${unit}`, ({ finalLabel }) => finalLabel),
    {
      name: `composition_tissue_${unit}`,
      figure: twinStackedBars({
        ...byFinalLabel(tissues, ({ tissue }) => tissue),
        title: `Final labels of ${unit} by tissue`,
      }),
    },
    {
      name: `composition_slide_${unit}`,
      figure: twinStackedBars({
        ...byFinalLabel(slides, ({ slide }) => slide),
        title: `Final labels of ${unit} by slide`,
      }),
    },
    {
      name: `composition_label_${unit}`,
      figure: twinStackedBars({
        ...{ ...byTissue, colours: sampledColours(tissues) },
        title: `Tissues of each final label of ${unit}`,
      }),
    },
    {
      name: `tissue_pies_${unit}`,
      figure: tissuePies({
        ...{ ...byTissue, colours: pairedColours(tissues) },
        title: `Share of tissues of each final label of ${unit}`,
      }),
    },
  ];
}

function namesOf(counts: readonly LabelCount[], of: (count: LabelCount) => string): string[] {
  return [...new Set(counts.map(of))].sort();
}

function summed(
  counts: readonly LabelCount[],
  groupOf: (count: LabelCount) => string,
  partOf: (count: LabelCount) => string,
): StackedCount[] {
  const sums = new Map<string, { group: string; part: string; count: number }>();
  for (const count of counts) {
    const [group, part] = [groupOf(count), partOf(count)];
    const sum = sums.get(`${group}\n${part}`) ?? { group, part, count: 0 };
    sum.count += count.cells;
    sums.set(`${group}\n${part}`, sum);
  }
  return [...sums.values()];
}
