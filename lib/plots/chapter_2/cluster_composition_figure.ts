import type { Categorical } from "@/core/categorical.ts";
import { colourOf, freeColours, type LevelColours, MISSING_COLOUR } from "../colours.ts";
import { type Drawing, roundPx } from "../drawing.ts";
import { definedOf, type Figure, type FigureFrame, framedFigure } from "../figure.ts";
import { horizontalBars } from "../horizontal_bars.ts";
import { formatCount, type LegendItem } from "../legend.ts";
import { countLevels, formatShare } from "./count_levels.ts";
import { levelOrder } from "./level_order.ts";
import { readableOn, svgRect, svgText, widestText } from "./svg_elements.ts";

/** What {@link clusterCompositionFigure} draws. */
export interface ClusterCompositionOptions extends FigureFrame {
  /** Cluster of each row; those without one are left out. */
  readonly clusters: Categorical;
  /** Label of each row: types or categories of Tangram. */
  readonly labels: Categorical;
  /** A colour for each label, in the order of the bars; scanpy's palette unless told. */
  readonly colours?: LevelColours;
  /** The label that each cluster was given, by its name. */
  readonly chosen?: ReadonlyMap<string, string>;
  /** What a row is, in the plural; `nuclei` unless told. */
  readonly unit?: string;
}

/** What {@link clusterSizesFigure} draws. */
export interface ClusterSizesOptions extends FigureFrame {
  /** Cluster of each row; those without one are left out. */
  readonly clusters: Categorical;
  /** Colours of the clusters; scanpy's palette unless told. */
  readonly colours?: LevelColours;
  /** What a row is, in the plural; `nuclei` unless told. */
  readonly unit?: string;
}

/** A cluster as a bar. */
interface ClusterBar {
  readonly cluster: string;
  readonly label: string;
  readonly rows: number;
  readonly parts: readonly LabelPart[];
}

interface LabelPart {
  readonly label: string;
  readonly count: number;
  readonly color: string;
}

const BAR_PX = 440;
const ROW_PX = 20;
const MAX_LABELS = 20;
const NO_LABEL = "no label";
const AXIS_PX = 34;

/**
 * What the rows of each cluster are labelled, as shares of the cluster; its size stands to the right.
 *
 * @throws {SthelarError} `InvalidArgument` if a label has no colour.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { clusterCompositionFigure } from "@/plots/chapter_2/mod.ts";
 *
 * const clusters = categorical(["0", "0", "1", "0"]);
 * const labels = categorical(["T", "T", "B", "B"]);
 * const svg = await clusterCompositionFigure({ clusters, labels }).svg();
 * assert(svg.includes(">3 (75.0 %)<") && svg.includes(">67<"));
 * ```
 */
export function clusterCompositionFigure(options: ClusterCompositionOptions): Figure {
  const { clusters, labels, chosen, unit = "nuclei", ...frame } = options;
  const { colours: _, ...rest } = frame;
  const colours = options.colours ?? freeColours(labels.levels);
  const total = clusters.codes.reduce((sum, code) => sum + (code >= 0 ? 1 : 0), 0);
  const shown = shownLabels(clusters, labels, colours);
  return framedFigure(
    {
      title: "What clusters are made of",
      subtitle: `${formatCount(total)} ${unit}`,
      legend: { items: legendItems(shown, colours) },
      ...definedOf(rest),
    },
    () => drawBars(clusterBars(clusters, labels, colours, { shown, chosen }), total, unit),
  );
}

/** How many rows each cluster has, in the order of their numbers. */
export function clusterSizesFigure(options: ClusterSizesOptions): Figure {
  const { clusters, unit = "nuclei", ...frame } = options;
  const { colours: _, ...rest } = frame;
  const order = levelOrder(clusters.levels);
  const colours = options.colours ?? freeColours(order);
  const counts = countLevels(clusters, new Map(order.map((level) => [level, ""])));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return horizontalBars({
    title: "Sizes of clusters",
    subtitle: `${formatCount(total)} ${unit}, ${counts.size} ` +
      (counts.size === 1 ? "cluster" : "clusters"),
    ...definedOf(rest),
    xLabel: unit,
    bars: [...counts].map(([label, value]) => ({
      label,
      value,
      color: colourOf(colours, label),
      text: `${formatCount(value)} (${formatShare(value, total)})`,
    })),
  });
}

/** The labels of clustered rows in the order of the colours; beyond 20 only the most frequent. */
interface ShownLabels {
  readonly order: readonly string[];
  readonly others: readonly string[];
  readonly hasMissing: boolean;
}

function shownLabels(
  clusters: Categorical,
  labels: Categorical,
  colours: LevelColours,
): ShownLabels {
  const codes = labels.codes.map((code, i) => clusters.codes[i] < 0 ? -1 : code);
  const counts = countLevels({ ...labels, codes }, colours);
  const bySize = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)!);
  const kept = new Set(bySize.length > MAX_LABELS ? bySize.slice(0, MAX_LABELS - 1) : bySize);
  return {
    order: [...counts.keys()].filter((label) => kept.has(label)),
    others: bySize.filter((label) => !kept.has(label)),
    hasMissing: labels.codes.some((code, i) => code < 0 && clusters.codes[i] >= 0),
  };
}

const OTHER_COLOUR = "#a8a8a8";

function legendItems({ order, others, hasMissing }: ShownLabels, colours: LevelColours) {
  const items: LegendItem[] = order.map((label) => ({ label, color: colourOf(colours, label) }));
  if (others.length > 0) items.push({ label: otherName(others), color: OTHER_COLOUR });
  if (hasMissing) items.push({ label: NO_LABEL, color: MISSING_COLOUR });
  return items;
}

function otherName(others: readonly string[]): string {
  return `${others.length} rarer labels`;
}

function clusterBars(
  clusters: Categorical,
  labels: Categorical,
  colours: LevelColours,
  { shown, chosen }: {
    readonly shown: ShownLabels;
    readonly chosen: ReadonlyMap<string, string> | undefined;
  },
): ClusterBar[] {
  const width = labels.levels.length + 1;
  const table = new Float64Array(clusters.levels.length * width);
  clusters.codes.forEach((cluster, i) => {
    const label = labels.codes[i];
    if (cluster >= 0) table[cluster * width + (label < 0 ? width - 1 : label)]++;
  });
  return levelOrder(clusters.levels).map((cluster) => {
    const start = clusters.levels.indexOf(cluster) * width;
    const count = (label: string) => table[start + labels.levels.indexOf(label)];
    const parts = shown.order
      .map((label) => ({ label, count: count(label), color: colourOf(colours, label) }));
    const others = shown.others.reduce((sum, label) => sum + count(label), 0);
    const name = chosen?.get(cluster);
    return {
      cluster,
      label: name === undefined ? cluster : `${cluster} · ${name}`,
      rows: table.subarray(start, start + width).reduce((sum, n) => sum + n, 0),
      parts: [
        ...parts,
        { label: otherName(shown.others), count: others, color: OTHER_COLOUR },
        { label: NO_LABEL, count: table[start + width - 1], color: MISSING_COLOUR },
      ].filter((part) => part.count > 0),
    };
  });
}

function drawBars(bars: readonly ClusterBar[], total: number, unit: string): Drawing {
  const left = widestText(bars.map(({ label }) => label)) + 8;
  const sizes = bars.map(({ rows }) => `${formatCount(rows)} (${formatShare(rows, total)})`);
  const right = Math.max(widestText(sizes), widestText([`${unit} (share)`]));
  const bottom = bars.length * ROW_PX;
  const rows = bars.map((bar, i) =>
    svgText(left - 6, (i + 0.5) * ROW_PX + 3.5, bar.label, { anchor: "end" }) +
    drawParts(bar, left, i * ROW_PX) +
    svgText(left + BAR_PX + 8 + right, (i + 0.5) * ROW_PX + 3.5, sizes[i], { anchor: "end" })
  );
  const ticks = [0, 25, 50, 75, 100].map((percent) => {
    const x = left + BAR_PX * percent / 100;
    return `<path d="M${roundPx(x)},${bottom + 1}v4" stroke="currentColor"/>` +
      svgText(x, bottom + 15, String(percent), { anchor: "middle" });
  });
  const names = svgText(left + BAR_PX / 2, bottom + 29, `share of the cluster's ${unit}, %`, {
    anchor: "middle",
  }) + svgText(left + BAR_PX + 8 + right, bottom + 29, `${unit} (share)`, {
    anchor: "end",
    fill: "#444",
  });
  return {
    width: left + BAR_PX + 8 + right,
    height: bottom + AXIS_PX,
    body: [...rows, ...ticks, names].join(""),
  };
}

/** A bar of 100 %, with the numbers that fit. */
function drawParts({ rows, parts }: ClusterBar, left: number, top: number): string {
  let x = left, body = "";
  for (const { count, color } of parts) {
    const width = BAR_PX * count / rows;
    body += svgRect(
      x,
      top + 2,
      width,
      ROW_PX - 4,
      `fill="${color}" stroke="white" stroke-width="0.6"`,
    );
    const text = (100 * count / rows).toFixed(0);
    if (width >= widestText([text]) + 8) {
      const fill = readableOn(color);
      body += svgText(x + width / 2, top + ROW_PX / 2 + 3.5, text, { anchor: "middle", fill });
    }
    x += width;
  }
  return body;
}
