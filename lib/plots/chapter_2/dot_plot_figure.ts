import { SthelarError } from "@/core/errors.ts";
import { colourRamp, type RampName } from "../colours.ts";
import { type Drawing, placeDrawing, roundPx, stackDrawings } from "../drawing.ts";
import { definedOf, type Figure, type FigureFrame, framedFigure } from "../figure.ts";
import { formatNumber } from "../legend.ts";
import { sideRamp } from "./side_legend.ts";
import { svgRect, svgText, widestText } from "./svg_elements.ts";

/** What clusters express; matrices are (n_clusters, n_genes), rows one after another. */
export interface ClusterExpression {
  /** Genes. */
  readonly genes: readonly string[];
  /** Mean of the log-normalised values. */
  readonly mean: ArrayLike<number>;
  /** Share of the rows that express the gene, 0 to 1. */
  readonly share: ArrayLike<number>;
}

/** What {@link dotPlotFigure} draws. */
export interface DotPlotFigureOptions extends FigureFrame {
  /** Names of the clusters, in the order of the matrices' rows. */
  readonly clusters: readonly string[];
  /** What stands beside each row; the cluster's name unless told. */
  readonly rowNames?: readonly string[];
  /** What they express. */
  readonly expression: ClusterExpression;
  /** The genes that are shown for each cluster, best first. */
  readonly markers: readonly (readonly string[])[];
  /** Whether each gene's means are stretched from 0 to 1 over the clusters; they are unless told. */
  readonly standardise?: boolean;
  /** Longest line of genes, px; 1,000 unless told. */
  readonly width?: number;
}

/** Genes of a cluster, side by side. */
interface Group {
  readonly cluster: string;
  readonly genes: readonly string[];
}

/** How the values of a cell are found and drawn. */
interface Cells {
  readonly clusters: readonly string[];
  readonly rowNames: readonly string[];
  readonly labelWidth: number;
  readonly nameHeight: number;
  share(row: number, gene: string): number;
  colour(row: number, gene: string): string;
}

const STEP_PX = 15;
const GROUP_GAP_PX = 5;
const MAX_DOT_PX = 6;
const BRACKET_PX = 22;
const BLOCK_GAP_PX = 10;
const LEGEND_GAP_PX = 18;
const MIN_WIDTH_PX = 360;
const RAMP: RampName = "reds";
const SHARES = [0.25, 0.5, 0.75, 1];

/**
 * The top markers of each cluster in all clusters: the area of a dot is the share that expresses a
 * gene, its colour the mean. Genes that do not fit beside each other go on in a further block.
 *
 * @throws {SthelarError} `InvalidArgument`, when it is drawn, if a gene has no values.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { dotPlotFigure } from "@/plots/chapter_2/mod.ts";
 *
 * const expression = { genes: ["CD3E", "MS4A1"], mean: [2, 0, 0.1, 3], share: [0.9, 0, 0.1, 1] };
 * const markers = [["CD3E"], ["MS4A1"]];
 * const svg = await dotPlotFigure({ clusters: ["0", "1"], expression, markers }).svg();
 * assert(svg.includes(">MS4A1<"));
 * ```
 */
export function dotPlotFigure(options: DotPlotFigureOptions): Figure {
  const { clusters, expression, markers, width = 1000, standardise: wanted = true, ...rest } =
    options;
  const { rowNames = clusters, ...frame } = rest;
  // A single cluster has nothing to be compared with.
  const standardise = wanted && clusters.length > 1;
  const framed = {
    title: "Top markers of each cluster",
    caption: "Rows: clusters. Columns: the markers of the cluster above the bracket, best first.",
    ...definedOf(frame),
  };
  return framedFigure(framed, () => {
    const groups = clusters.map((cluster, i) => ({ cluster, genes: markers[i] ?? [] }))
      .filter(({ genes }) => genes.length > 0);
    const { cells, domain } = cellsOf({ clusters, rowNames }, expression, groups, standardise);
    const blocks = blocksOf(groups, width - cells.labelWidth).map((block) =>
      drawBlock(block, cells)
    );
    const plots = stackDrawings(blocks, BLOCK_GAP_PX);
    const label = standardise ? "mean, each gene 0–1" : "mean log-normalised expression";
    const legend = drawLegend(label, domain);
    return {
      width: Math.max(MIN_WIDTH_PX, plots.width + LEGEND_GAP_PX + legend.width),
      height: Math.max(plots.height, legend.height + BRACKET_PX),
      body: plots.body + placeDrawing(legend, plots.width + LEGEND_GAP_PX, BRACKET_PX),
    };
  });
}

function cellsOf(
  { clusters, rowNames }: Pick<Cells, "clusters" | "rowNames">,
  { genes, mean, share }: ClusterExpression,
  groups: readonly Group[],
  standardise: boolean,
) {
  const columnOf = new Map(genes.map((gene, column) => [gene, column]));
  const shown = [...new Set(groups.flatMap((group) => group.genes))];
  for (const gene of shown) if (!columnOf.has(gene)) throw noValues(gene);
  const valueOf = (values: ArrayLike<number>, row: number, gene: string) =>
    values[row * genes.length + columnOf.get(gene)!];
  const ranges = new Map(shown.map((gene) => {
    const means = clusters.map((_, row) => valueOf(mean, row, gene));
    return [gene, [Math.min(...means), Math.max(...means)] as const];
  }));
  const most = Math.max(0, ...[...ranges.values()].map(([, high]) => high));
  const domain = [0, standardise || most === 0 ? 1 : most] as const;
  const ramp = colourRamp(RAMP);
  const cells: Cells = {
    ...{ clusters, rowNames },
    labelWidth: widestText(rowNames) + 10,
    nameHeight: widestText(shown) + 8,
    share: (row, gene) => valueOf(share, row, gene),
    colour: (row, gene) => {
      const [low, high] = standardise ? ranges.get(gene)! : domain;
      return ramp(high > low ? (valueOf(mean, row, gene) - low) / (high - low) : 0);
    },
  };
  return { cells, domain };
}

function noValues(gene: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot draw the marker "${gene}"`,
    found: "no values for it",
    expected: "markers among the genes of the table",
  });
}

/** Groups that fit beside each other; blocks are about equally wide. */
function blocksOf(groups: readonly Group[], width: number): Group[][] {
  const widthOf = ({ genes }: Group) => genes.length * STEP_PX + GROUP_GAP_PX;
  const total = groups.reduce((sum, group) => sum + widthOf(group), 0);
  const most = Math.max(total / Math.ceil(total / Math.max(1, width)), STEP_PX);
  const blocks: Group[][] = [];
  let used = Infinity;
  for (const group of groups) {
    const own = widthOf(group);
    if (used + own / 2 > most || used + own > width) {
      blocks.push([]);
      used = 0;
    }
    blocks.at(-1)!.push(group);
    used += own;
  }
  return blocks;
}

function drawBlock(groups: readonly Group[], cells: Cells): Drawing {
  const { clusters, rowNames, labelWidth, nameHeight } = cells;
  const height = clusters.length * STEP_PX;
  const bottom = BRACKET_PX + height;
  let x = labelWidth, body = "";
  for (const { cluster, genes } of groups) {
    const width = genes.length * STEP_PX;
    const own = clusters.indexOf(cluster);
    body += svgRect(x, BRACKET_PX, width, height, 'fill="#f6f6f6"') +
      svgRect(x, BRACKET_PX + own * STEP_PX, width, STEP_PX, 'fill="#dfe8f1"') +
      bracket(x, width, cluster) +
      genes.map((gene, i) => drawGene(gene, x + (i + 0.5) * STEP_PX, bottom, cells)).join("");
    x += width + GROUP_GAP_PX;
  }
  rowNames.forEach((name, row) => {
    const y = BRACKET_PX + (row + 0.5) * STEP_PX + 3.5;
    body += svgText(labelWidth - 6, y, name, { anchor: "end" });
  });
  return { width: x - GROUP_GAP_PX, height: bottom + nameHeight, body };
}

function bracket(x: number, width: number, cluster: string): string {
  const path = `M${roundPx(x + 2)},${BRACKET_PX - 3}v-4h${roundPx(width - 4)}v4`;
  return `<path d="${path}" fill="none" stroke="#999"/>` +
    svgText(x + width / 2, BRACKET_PX - 10, cluster, { anchor: "middle" });
}

/** The dots of a gene, one below the other, and its name under them. */
function drawGene(gene: string, x: number, bottom: number, cells: Cells): string {
  const dots = cells.clusters.map((_, row) => {
    const radius = dotRadius(cells.share(row, gene));
    if (radius < 0.3) return "";
    const y = BRACKET_PX + (row + 0.5) * STEP_PX;
    return `<circle cx="${roundPx(x)}" cy="${roundPx(y)}" r="${roundPx(radius)}" ` +
      `fill="${cells.colour(row, gene)}" stroke="#888" stroke-width="0.4"/>`;
  }).join("");
  return dots + svgText(x + 3.5, bottom + 4, gene, { anchor: "end", upwards: true });
}

function dotRadius(share: number): number {
  return MAX_DOT_PX * Math.sqrt(Math.min(1, Math.max(0, share)));
}

function drawLegend(label: string, domain: readonly [number, number]): Drawing {
  const dots = SHARES.map((share, i) => {
    const y = 22 + i * 16;
    return `<circle cx="8" cy="${y}" r="${roundPx(dotRadius(share))}" fill="#bbb" stroke="#888" ` +
      `stroke-width="0.4"/>${svgText(20, y + 3.5, formatNumber(100 * share), { sizePx: 9 })}`;
  }).join("");
  const ramp = sideRamp({ ramp: RAMP, label, domain }, widestText([label]) + 4);
  const heading = "expressing, %";
  return {
    width: Math.max(widestText([heading]), ramp.width),
    height: 110 + ramp.height,
    body: svgText(0, 8, heading) + dots + placeDrawing(ramp, 2, 104),
  };
}
