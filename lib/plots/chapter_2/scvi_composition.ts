import * as Plot from "@observablehq/plot";
import { colourRamp } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { readableOn, widestText } from "./svg_elements.ts";

/** What {@link scviComposition} draws. */
export interface ScviCompositionOptions extends FigureFrame {
  /** The labels, in the order of columns. */
  readonly labels: readonly string[];
  /** Cells of each latent cluster by label, a row a cluster. */
  readonly counts: readonly (readonly number[])[];
}

interface ShareCell {
  readonly cluster: string;
  readonly label: string;
  readonly share: number;
  readonly color: string;
}

const CELL_WIDTH_PX = 34;
const CELL_HEIGHT_PX = 20;
const TEXT_PX = 9;
/** Fewer rows are less high than the name of their axis is long. */
const FEW_ROWS = 5;
/** Smaller shares are left blank. */
const SMALLEST_SHARE = 0.01;

/**
 * What the cells of each latent cluster are labelled, in per cent of the cluster; columns are in the order
 * of the clusters that they are most of, so that agreement is a diagonal.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { scviComposition } from "@/plots/chapter_2/mod.ts";
 *
 * const svg = await scviComposition({ labels: ["B", "T"], counts: [[1, 3], [2, 0]] }).svg();
 * assert(svg.includes(">75<") && svg.includes(">0 (4)<"));
 * ```
 */
export function scviComposition(options: ScviCompositionOptions): Figure {
  const { labels, counts, ...frame } = options;
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const rows = totals.keys().filter((row) => totals[row] > 0).toArray();
  const colour = colourRamp("blues");
  const cells: ShareCell[] = rows.flatMap((row) =>
    labels.map((label, column) => {
      const share = counts[row][column] / totals[row];
      return { cluster: String(row), label, share, color: colour(share) };
    })
  );
  const rowName = (row: string) => `${row} (${formatCount(totals[Number(row)])})`;
  const clusters = rows.map(String);
  const marginLeft = Math.max(60, widestText(clusters.map(rowName)) + 34);
  const marginTop = widestText(labels) + 34;
  const marginRight = 8, marginBottom = 4;
  const band = { type: "band", tickSize: 0, padding: 0, round: false, labelArrow: "none" } as const;
  const plotWidth = Math.max(labels.length * CELL_WIDTH_PX, 300);
  const total = totals.reduce((sum, count) => sum + count, 0);
  return figure({
    title: "Labels in each latent cluster",
    subtitle: `${formatCount(total)} cells with a label, ${rows.length} latent ` +
      (rows.length === 1 ? "cluster" : "clusters"),
    legend: { ramp: "blues", label: "share of the cluster, %", domain: [0, 100] },
    caption: "Rows: latent clusters (cells). Columns: label1. Shares below 1 % are left blank.",
    ...definedOf(frame),
    width: plotWidth + marginLeft + marginRight,
    height: rows.length * CELL_HEIGHT_PX + marginTop + marginBottom,
    ...{ marginLeft, marginTop, marginRight, marginBottom },
    x: {
      ...{ ...band, axis: "top", domain: inClusterOrder(labels, counts), tickRotate: -90 },
      ...{ label: "label1", labelAnchor: "center" },
    },
    y: {
      ...{ ...band, domain: clusters, tickFormat: rowName },
      ...{ label: rows.length < FEW_ROWS ? null : "latent cluster", labelAnchor: "center" },
    },
    marks: [
      Plot.cell(cells, { x: "label", y: "cluster", fill: "color", stroke: "white" }),
      Plot.text(cells.filter(({ share }) => share >= SMALLEST_SHARE), {
        x: "label",
        y: "cluster",
        text: ({ share }: ShareCell) => (100 * share).toFixed(0),
        fill: ({ color }: ShareCell) => readableOn(color),
        fontSize: TEXT_PX,
      }),
    ],
  });
}

/** Labels by the cluster that holds most of their cells. */
function inClusterOrder(
  labels: readonly string[],
  counts: readonly (readonly number[])[],
): string[] {
  const home = labels.map((_, column) => {
    const most = Math.max(...counts.map((row) => row[column]));
    return counts.findIndex((row) => row[column] === most);
  });
  return labels.map((_, column) => column)
    .sort((a, b) => home[a] - home[b] || a - b)
    .map((column) => labels[column]);
}
