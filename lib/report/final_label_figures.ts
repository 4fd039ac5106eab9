import { LESS10, NOT_CLUSTERED } from "@/labels/mod.ts";
import { finalLabelShares, labelMap, umapFigure } from "@/plots/chapter_2/mod.ts";
import {
  categoryColours,
  type Figure,
  formatCount,
  freeColours,
  type LevelColours,
} from "@/plots/mod.ts";
import { logStackedBars } from "@/plots/study/mod.ts";
import type { FinalLabelData } from "./open_final_labels.ts";

export { type FinalLabelData, hasFinalLabels, openFinalLabels } from "./open_final_labels.ts";

/** The UMAP of clustered rows by category; `undefined` where there is no UMAP. */
export function umapOfFinalLabels({ umap, unit, notes }: FinalLabelData): Figure | undefined {
  if (umap === undefined) return undefined;
  const { column, x, y } = umap;
  const colours = coloursOf(column.levels);
  return umapFigure({
    ...{ x, y, unit, notes, title: `Final labels of ${unit}` },
    panels: [{ kind: "categorical", title: "final_label", column, colours }],
  });
}

/** Every row at its place by category, those that were not clustered as well. */
export function mapOfFinalLabels({ slide, column, unit, notes }: FinalLabelData): Figure {
  return labelMap({
    ...{ ...slide, unit, notes, labels: column, colours: coloursOf(column.levels) },
    title: `Final labels of ${unit} on the slide`,
  });
}

/** Rows of each broad label, stacked by whether they are cancer cells. */
export function countsOfLabels({ combinations, unit, notes }: FinalLabelData): Figure {
  const clustered = combinations.filter(({ label1 }) => label1 !== NOT_CLUSTERED);
  const known = categoryColours("label3");
  const others = [...new Set(clustered.map(({ label3 }) => label3))]
    .filter((label3) => !known.has(label3));
  const total = clustered.reduce((sum, { count }) => sum + count, 0);
  return logStackedBars({
    counts: clustered.map(({ label1, label3, count }) => ({ group: label1, part: label3, count })),
    colours: new Map([...known, ...freeColours(others)]),
    title: `Labels of ${unit}`,
    subtitle: `${formatCount(total)} ${unit} that were clustered`,
    ...{ unit, notes },
  });
}

/** Shares of categories of nuclei beside those of cells. */
export function sharesOfFinalLabels(tables: readonly FinalLabelData[]): Figure {
  const levels = tables.flatMap(({ column }) => column.levels);
  return finalLabelShares({
    groups: tables.map(({ unit, column: { codes, levels }, truth }) => {
      const counts = new Map(levels.map((level) => [level, 0]));
      for (const code of codes) {
        if (code >= 0) counts.set(levels[code], counts.get(levels[code])! + 1);
      }
      const leftOut = counts.get(LESS10) ?? 0;
      counts.delete(LESS10);
      return { unit, counts, leftOut, ...(truth === undefined ? {} : { truth }) };
    }),
    colours: coloursOf(levels),
    notes: [...new Set(tables.flatMap(({ notes }) => notes))],
  });
}

/** Every combination of labels, for a table. */
export function combinationTable(
  { combinations }: FinalLabelData,
): Record<string, string | number>[] {
  return combinations.map(({ label1, label2, label3, finalLabel, count, how }) => ({
    ...{ label1, label2, label3, "final label": finalLabel, rows: count },
    "known by": how === "combination" ? "published combination" : how ?? "the store",
  }));
}

/** The published colours; labels of a store of others that have none get some. */
function coloursOf(levels: readonly string[]): LevelColours {
  const known = categoryColours("final_label");
  return new Map([...known, ...freeColours(levels.filter((level) => !known.has(level)))]);
}
