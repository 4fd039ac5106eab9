import * as Plot from "@observablehq/plot";
import { colourRamp } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { panels } from "../panels.ts";
import { readableOn, widestText } from "./svg_elements.ts";

/** A cluster of cells, and what its cells and nuclei are called. */
export interface CombinedClusterRow {
  readonly name: string;
  readonly cells: number;
  /** What it is called. */
  readonly finalLabel: string;
  /** Whether a person chose that. */
  readonly overridden: boolean;
  /** Rows of each category of cells. */
  readonly cellCounts: readonly number[];
  /** Rows of each category of nuclei. */
  readonly nucleusCounts: readonly number[];
  /** Share whose nucleus is known and of another category. */
  readonly disagreement: number;
  /** The same, unknown nuclei counting too. */
  readonly disagreementOfAll: number;
  /** Why a person should look at it, in a few words. */
  readonly flags: readonly string[];
}

/** What {@link combinedClustersFigure} draws. */
export interface CombinedClustersOptions extends FigureFrame {
  readonly clusters: readonly CombinedClusterRow[];
  /** Order of `cellCounts`. */
  readonly cellCategories: readonly string[];
  /** Order of `nucleusCounts`. */
  readonly nucleusCategories: readonly string[];
  /** Disagreement above which clusters are flagged. */
  readonly flagAbove: number;
}

interface ShareCell {
  readonly cluster: string;
  readonly label: string;
  readonly share: number;
  readonly color: string;
}

const CELL_WIDTH_PX = 30;
const ROW_HEIGHT_PX = 22;
const TEXT_PX = 9;
const SMALLEST_SHARE = 0.01;
const BAR_WIDTH_PX = 330;
const KNOWN_COLOUR = "#d62728", ALL_COLOUR = "#d9d9d9", FLAG_COLOUR = "#b3261e";

/**
 * What cells and nuclei of each combined cluster are called, in per cent of the cluster, how often the two
 * differ, and which clusters are flagged and why.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { combinedClustersFigure } from "@/plots/chapter_2/mod.ts";
 *
 * const cluster = {
 *   ...{ name: "0", cells: 4, finalLabel: "T_NK", overridden: false, flags: ["nuclei differ"] },
 *   ...{ cellCounts: [4], nucleusCounts: [3, 1], disagreement: 0.25, disagreementOfAll: 0.25 },
 * };
 * const svg = await combinedClustersFigure({
 *   clusters: [cluster],
 *   cellCategories: ["T_NK"],
 *   nucleusCategories: ["Myeloid", "T_NK"],
 *   flagAbove: 0.4,
 * }).svg();
 * assert(svg.includes(">75<") && svg.includes("nuclei differ"));
 * ```
 */
export function combinedClustersFigure(options: CombinedClustersOptions): Figure {
  const { clusters, cellCategories, nucleusCategories, flagAbove, ...frame } = options;
  const flagged = clusters.filter(({ flags }) => flags.length > 0);
  const total = clusters.reduce((sum, { cells }) => sum + cells, 0);
  const inFlagged = flagged.reduce((sum, { cells }) => sum + cells, 0);
  const top = Math.max(widestText(cellCategories), widestText(nucleusCategories)) + 16;
  const percent = total === 0 ? "0" : (100 * inFlagged / total).toFixed(1);
  return panels([
    sharesPanel("cells", clusters, cellCategories, ({ cellCounts }) => cellCounts, top, true),
    sharesPanel(
      "their nuclei",
      clusters,
      nucleusCategories,
      ({ nucleusCounts }) => nucleusCounts,
      top,
      false,
    ),
    disagreementPanel(clusters, flagAbove, top),
  ], {
    title: "Combined clusters",
    subtitle: `${clusters.length} clusters of ${formatCount(total)} cells; ${flagged.length} ` +
      `flagged, with ${percent} % of the cells`,
    legend: { ramp: "blues", label: "share of the cluster, %", domain: [0, 100] },
    caption: "Rows: cluster, what it is called (* by a person), its cells. Shares below 1 % are " +
      "left blank. Right: cells whose nucleus is of another category (red: known ones, grey: Unknown " +
      "and Less10 too); the line is the limit.",
    ...definedOf(frame),
  });
}

function rowName({ name, finalLabel, overridden, cells }: CombinedClusterRow): string {
  return `${name} · ${finalLabel}${overridden ? "*" : ""} (${formatCount(cells)})`;
}

function sharesPanel(
  what: string,
  clusters: readonly CombinedClusterRow[],
  categories: readonly string[],
  countsOf: (cluster: CombinedClusterRow) => readonly number[],
  marginTop: number,
  hasNames: boolean,
): Figure {
  const colour = colourRamp("blues");
  const shown = categories.map((label, column) => ({ label, column }))
    .filter(({ column }) => clusters.some((cluster) => countsOf(cluster)[column] > 0));
  const cells = clusters.flatMap((cluster) =>
    shown.map(({ label, column }): ShareCell => {
      const share = countsOf(cluster)[column] / Math.max(1, cluster.cells);
      return { cluster: rowName(cluster), label, share, color: colour(share) };
    })
  );
  const marginLeft = hasNames ? widestText(clusters.map(rowName)) + 14 : 8;
  return figure({
    subtitle: what,
    width: Math.max(shown.length * CELL_WIDTH_PX, 90) + marginLeft + 6,
    height: clusters.length * ROW_HEIGHT_PX + marginTop + 6,
    ...{ marginLeft, marginTop, marginRight: 6, marginBottom: 6 },
    x: { ...bandOf(shown.map(({ label }) => label)), axis: "top", tickRotate: -90, label: null },
    y: {
      ...bandOf(clusters.map(rowName)),
      label: null,
      ...(hasNames ? {} : { axis: null }),
    },
    marks: [
      Plot.cell(cells, { x: "label", y: "cluster", fill: "color", stroke: "white" }),
      Plot.text(cells.filter(({ share }) => share >= SMALLEST_SHARE), {
        ...{ x: "label", y: "cluster", fontSize: TEXT_PX },
        text: ({ share }: ShareCell) => (100 * share).toFixed(0),
        fill: ({ color }: ShareCell) => readableOn(color),
      }),
    ],
  });
}

function bandOf(domain: readonly string[]) {
  return { type: "band", tickSize: 0, padding: 0, round: false, domain: [...domain] } as const;
}

function disagreementPanel(
  clusters: readonly CombinedClusterRow[],
  flagAbove: number,
  marginTop: number,
): Figure {
  return figure({
    subtitle: "cells and nuclei differ",
    width: BAR_WIDTH_PX,
    height: clusters.length * ROW_HEIGHT_PX + marginTop + 6,
    ...{ marginLeft: 10, marginTop, marginRight: 170, marginBottom: 6 },
    x: {
      domain: [0, 100],
      axis: "top",
      ticks: [0, 50, 100],
      label: "% of cells",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: { ...bandOf(clusters.map(rowName)), axis: null },
    marks: [
      Plot.barX(clusters, {
        ...{ y: rowName, fill: ALL_COLOUR, insetTop: 4, insetBottom: 4 },
        x: ({ disagreementOfAll }: CombinedClusterRow) => 100 * disagreementOfAll,
      }),
      Plot.barX(clusters, {
        ...{ y: rowName, fill: KNOWN_COLOUR, insetTop: 7, insetBottom: 7 },
        x: ({ disagreement }: CombinedClusterRow) => 100 * disagreement,
      }),
      Plot.ruleX([100 * flagAbove], { stroke: "#555", strokeDasharray: "3,3" }),
      Plot.text(clusters.filter(({ flags }) => flags.length > 0), {
        ...{ y: rowName, frameAnchor: "right", textAnchor: "start", dx: 8 },
        text: ({ flags }: CombinedClusterRow) => flags.join(", "),
        ...{ fill: FLAG_COLOUR, fontSize: TEXT_PX },
      }),
    ],
  });
}
