import type { Categorical } from "@/core/categorical.ts";
import { rankGenesUns, type UnsDict, type UnsValue } from "@/formats/anndata/mod.ts";
import { LESS10 } from "@/labels/mod.ts";
import { categoryColours, colourOf } from "@/plots/colours.ts";
import type { CombinedTableParts } from "./combined_columns.ts";

/**
 * What belongs to no row of `table_combined`: colours of the three final labels, in the order of their
 * categories and by name, the second principal components and how they were made, parameters as scanpy
 * leaves them, and genes of the labelled clusters.
 */
export function combinedUns(parts: CombinedTableParts): UnsDict {
  const { rows, space, choice, finalLabels, minDist } = parts;
  const { analysed: { variance, varianceRatio }, blocks, graph } = space;
  const labels = [
    ["final_label_combined", choice.finalLabel.levels],
    ["final_label_cells", usedLevels(finalLabels.cells, rows.cellRows)],
    ["final_label_nuclei", usedLevels(finalLabels.nuclei, rows.nucleusRows)],
  ] as const;
  return new Map<string, UnsValue>([
    ...labels.flatMap(([name, levels]) => coloursOf(name, levels, rows.leftOut.ids.length > 0)),
    [
      "pca",
      dict({
        params: dict({ zero_center: true, use_highly_variable: false }),
        variance,
        variance_ratio: varianceRatio,
      }),
    ],
    [
      "mfa",
      dict(
        Object.fromEntries(
          blocks.map((
            { name, components, weight, by },
          ) => [name, dict({ components, weight, chosen_by: by })]),
        ),
      ),
    ],
    ["umap", dict({ params: dict({ min_dist: minDist }) })],
    [
      graph,
      dict({
        params: dict({
          n_neighbors: space.neighbours,
          n_pcs: space.principalComponents,
          method: "umap",
          metric: "euclidean",
        }),
      }),
    ],
    ...space.clusterings.map(({ name, resolution }) =>
      [name, dict({ params: dict({ resolution, n_iterations: 2 }) })] as const
    ),
    ...markersOf(parts),
  ]);
}

/** Categories of the combined cells; a missing label is `Less10`. */
function usedLevels({ codes, levels }: Categorical, rows: Int32Array): string[] {
  const used = new Set<string>();
  for (const row of rows) used.add(levels[codes[row]] ?? LESS10);
  return [...used];
}

function coloursOf(name: string, used: readonly string[], isLeftOut: boolean) {
  const colours = categoryColours("final_label");
  const levels = [...new Set([...used, ...(isLeftOut ? [LESS10] : [])])].sort();
  return [
    [`${name}_colors`, levels.map((level) => colourOf(colours, level))],
    [`${name}_colors_by_name`, new Map(colours)],
  ] as [string, UnsValue][];
}

function markersOf({ choice, rows, space }: CombinedTableParts): [string, UnsValue][] {
  const { ranked, clustering } = choice;
  if (ranked === undefined || ranked.groups.length === 0) return [];
  const count = space.clusterings.find(({ name }) => name === clustering)!.count;
  const groups = Array.from({ length: count }, (_, cluster) => String(cluster));
  return [[
    `rank_genes_${clustering}`,
    rankGenesUns(ranked, rows.genes, { groupby: clustering, groups }),
  ]];
}

function dict(entries: Readonly<Record<string, UnsValue>>): UnsDict {
  return new Map(Object.entries(entries));
}
