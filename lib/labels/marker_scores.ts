import type { ClusterStatistics } from "./cluster_statistics.ts";
import { type PanelMarkers, panelMarkers } from "./marker_types.ts";
import { finalLabelOf } from "./reference_types.ts";

/** How well a cluster fits a cell type. */
export interface MarkerScore {
  /** Broad label. */
  readonly label1: string;
  /** Its category. */
  readonly finalLabel: string;
  /** The type's own name. */
  readonly kind: string;
  /** Fit: 0 and less is none, 1 the best that can be. */
  readonly score: number;
  /** Its markers on the panel. */
  readonly markers: number;
  /** Those of them that the cluster expresses, best first. */
  readonly expressed: readonly string[];
  /** Whether it is a state that cells of several types can be in. */
  readonly isState: boolean;
}

/** No gene says more than that many doublings. */
const MOST_DOUBLINGS = 6;
/** What a marker would have to rise by, beyond what any cluster shows, for a full score. */
const MISSING_DOUBLINGS = 1;
/** Share of a type's score that is left in a tissue that it does not belong to. */
const ELSEWHERE = 0.75;
/** What markers that speak against a type weigh, against those that speak for it. */
const ABSENT_WEIGHT = 0.5;
/** A marker counts as expressed from this many doublings on. */
const EXPRESSED_DOUBLINGS = 1;
/** Share of a type's score that is left where fewer markers are expressed than these. */
const ALONE = 0.5;
const FEWEST_EXPRESSED = 2;

/**
 * How well each cluster fits each cell type, by its markers on the panel.
 *
 * The rise of gene g in cluster c is e = log2((level + u) / (base + u)), within 0 and 6 doublings:
 * `level` is the cluster's mean normalised expression, `base` the gene's lower quartile over the
 * clusters (one vote each, whatever their size, so that a type that fills most of the slide still
 * rises; u where there is one cluster), and u = 1e4 / n_genes, an even share of the panel. With top(g) the largest rise of g in
 * any cluster, and w(g) = 1 / (categories that g is a marker of), the fit of a type with markers G is
 *
 *     score = Σ w(g) e(g, c) / Σ w(g) (top(g) + 1)  -  the same over genes that speak against it / 2
 *
 * near 1 where all its markers peak, 0 where none rises. It is halved where fewer than two markers
 * rise by a doubling, and is 3/4 in a tissue that the type does not belong to. Types with fewer than two
 * markers on the panel are left out.
 *
 * @param tissue `heart`; without one all types are equal.
 * @returns For each cluster the types, best first.
 */
export function markerScores(statistics: ClusterStatistics, tissue?: string): MarkerScore[][] {
  const types = panelMarkers(statistics.genes);
  const rises = risesOf(statistics, types);
  const weights = specificity(types);
  return Array.from(statistics.cells, (_, cluster) =>
    types.map((type): MarkerScore => {
      const { label1, kind, isState } = type.type;
      const expressed = type.markers
        .filter((gene) => rises.of(cluster, gene) >= EXPRESSED_DOUBLINGS)
        .sort((a, b) => rises.of(cluster, b) - rises.of(cluster, a));
      return {
        ...{ label1, finalLabel: finalLabelOf(label1), kind, isState },
        score: scoreOf(type, rises, weights, cluster) * tissueFactor(type, tissue) *
          (expressed.length < FEWEST_EXPRESSED ? ALONE : 1),
        markers: type.markers.length,
        expressed: expressed.map((gene) => statistics.genes[gene]),
      };
    }).sort((a, b) => b.score - a.score));
}

interface Rises {
  of(cluster: number, gene: number): number;
  top(gene: number): number;
}

function risesOf(
  { cells, genes, level }: ClusterStatistics,
  types: readonly PanelMarkers[],
): Rises {
  const used = new Set(types.flatMap(({ markers, absent }) => [...markers, ...absent]));
  const even = 1e4 / genes.length;
  const filled = [...cells.keys()].filter((cluster) => cells[cluster] > 0);
  const byGene = new Map([...used].map((gene) => {
    const levels = Array.from(cells, (_, cluster) => level[cluster * genes.length + gene]);
    const base = filled.length < 2 ? even : lowerQuartile(filled.map((cluster) => levels[cluster]));
    const rises = levels.map((value) =>
      Math.min(MOST_DOUBLINGS, Math.max(0, Math.log2((value + even) / (base + even))))
    );
    return [gene, { rises, top: Math.max(...rises) }];
  }));
  return {
    of: (cluster, gene) => byGene.get(gene)!.rises[cluster],
    top: (gene) => byGene.get(gene)!.top,
  };
}

function lowerQuartile(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) / 4, low = Math.floor(at);
  return sorted[low] + (at - low) * (sorted[low + 1] - sorted[low]);
}

function scoreOf(
  { markers, absent }: PanelMarkers,
  rises: Rises,
  weights: ReadonlyMap<number, number>,
  cluster: number,
): number {
  const fit = (genes: readonly number[]) => {
    let found = 0, most = 0;
    for (const gene of genes) {
      const weight = weights.get(gene) ?? 1;
      found += weight * rises.of(cluster, gene);
      most += weight * (rises.top(gene) + MISSING_DOUBLINGS);
    }
    return most === 0 ? 0 : found / most;
  };
  return fit(markers) - ABSENT_WEIGHT * fit(absent);
}

function specificity(types: readonly PanelMarkers[]): Map<number, number> {
  const categories = new Map<number, Set<string>>();
  for (const { type, markers } of types) {
    for (const gene of markers) {
      const known = categories.get(gene) ?? new Set();
      categories.set(gene, known.add(finalLabelOf(type.label1)));
    }
  }
  return new Map([...categories].map(([gene, { size }]) => [gene, 1 / size]));
}

function tissueFactor({ type }: PanelMarkers, tissue: string | undefined): number {
  const isElsewhere = tissue !== undefined && type.tissues.length > 0 &&
    !type.tissues.includes(tissue);
  return isElsewhere ? ELSEWHERE : 1;
}
