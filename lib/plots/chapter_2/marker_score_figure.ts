import * as Plot from "@observablehq/plot";
import { colourRamp } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { readableOn, widestText } from "./svg_elements.ts";

/** What {@link markerScoreFigure} draws. */
export interface MarkerScoreOptions extends FigureFrame {
  /** Names of the clusters. */
  readonly clusters: readonly string[];
  /** Names of the labels. */
  readonly labels: readonly string[];
  /** The score of each label in each cluster, (n_clusters, n_labels), rows one after another. */
  readonly scores: ArrayLike<number>;
  /** The label that each cluster was given, by its name. */
  readonly chosen: ReadonlyMap<string, string>;
}

interface ScoreCell {
  readonly cluster: string;
  readonly label: string;
  readonly score: number;
  readonly color: string;
}

const CELL_WIDTH_PX = 30;
const CELL_HEIGHT_PX = 20;
const TEXT_PX = 9;
/** Lower scores are left blank. */
const SMALLEST_SCORE = 0.095;

/**
 * How well the markers of each label fit each cluster, the label that was chosen framed and named.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { markerScoreFigure } from "@/plots/chapter_2/mod.ts";
 *
 * const chosen = new Map([["0", "T"]]);
 * const scores = [0.8, 0.1];
 * const svg = await markerScoreFigure({ clusters: ["0"], labels: ["T", "B"], scores, chosen }).svg();
 * assert(svg.includes(">.80<") && svg.includes(">0 · T<"));
 * ```
 */
export function markerScoreFigure(options: MarkerScoreOptions): Figure {
  const { clusters, labels, scores, chosen, ...frame } = options;
  const colour = colourRamp("blues");
  const most = Math.max(1, ...Array.from(scores).filter(Number.isFinite));
  const cells: ScoreCell[] = clusters.flatMap((cluster, row) =>
    labels.map((label, column) => {
      const score = scores[row * labels.length + column];
      return { cluster, label, score, color: colour(score / most) };
    })
  );
  const nameOf = (cluster: string) => {
    const label = chosen.get(cluster);
    return label === undefined ? cluster : `${cluster} · ${label}`;
  };
  const marginLeft = widestText(clusters.map(nameOf)) + 14;
  const marginTop = widestText(labels) + 12;
  const marginRight = 2, marginBottom = 2;
  const band = { type: "band", label: null, tickSize: 0, padding: 0, round: false } as const;
  const plotWidth = Math.max(labels.length * CELL_WIDTH_PX, 360 - marginLeft);
  return figure({
    title: "Marker scores of labels",
    subtitle: "Rows: clusters and their labels. Columns: labels of the marker list.",
    legend: { ramp: "blues", label: "marker score", domain: [0, most] },
    caption: "Framed: the label of the cluster. Scores below 0.1 are left blank.",
    ...definedOf(frame),
    width: plotWidth + marginLeft + marginRight,
    height: clusters.length * CELL_HEIGHT_PX + marginTop + marginBottom,
    marginLeft,
    marginRight,
    marginTop,
    marginBottom,
    x: { ...band, axis: "top", domain: labels, tickRotate: -90 },
    y: { ...band, domain: clusters, tickFormat: nameOf },
    marks: [
      Plot.cell(cells, { x: "label", y: "cluster", fill: "color", stroke: "white" }),
      Plot.cell(cells.filter(({ cluster, label }) => chosen.get(cluster) === label), {
        x: "label",
        y: "cluster",
        fill: "none",
        stroke: "#d62728",
        strokeWidth: 2,
        inset: 1,
      }),
      Plot.text(cells.filter(({ score }) => score >= SMALLEST_SCORE), {
        x: "label",
        y: "cluster",
        text: ({ score }: ScoreCell) => score.toFixed(2).replace(/^0/, ""),
        fill: ({ color }: ScoreCell) => readableOn(color),
        fontSize: TEXT_PX,
      }),
    ],
  });
}
