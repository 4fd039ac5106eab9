import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import {
  colourOf,
  freeColours,
  type LevelColours,
  MISSING_COLOUR,
  parseColour,
} from "../colours.ts";
import { type Drawing, placeDrawing, roundPx, stackDrawings } from "../drawing.ts";
import { definedOf, type Figure, type FigureFrame, framedFigure } from "../figure.ts";
import { formatCount, formatNumber } from "../legend.ts";
import { countLevels, formatShare } from "./count_levels.ts";
import { median } from "./label_places.ts";
import {
  AXIS_NAME_PX,
  MIN_RADIUS_PX,
  pointPanel,
  RASTER_ABOVE,
  umapRadius,
} from "./point_panel.ts";
import { sizeOfMap } from "./size_of_map.ts";
import { svgRect, svgText, widestText } from "./svg_elements.ts";

/** Points of the plane, one a row of the table. */
export interface RowPlaces {
  /** First coordinate of each row. */
  readonly x: ArrayLike<number>;
  /** Second coordinate of each row. */
  readonly y: ArrayLike<number>;
}

/** A gene that tells a cluster from all others. */
export interface ClusterMarker {
  /** Its name. */
  readonly gene: string;
  /** Its score (z of Wilcoxon's test). */
  readonly score: number;
  /** Share of the cluster that expresses it, 0 to 1. */
  readonly shareIn: number;
  /** Share of all others that expresses it, 0 to 1. */
  readonly shareOut: number;
}

/** What {@link clusterEvidenceFigure} draws. */
export interface ClusterEvidenceOptions extends FigureFrame {
  /** The cluster: a level of `clusters`. */
  readonly cluster: string;
  /** Cluster of each row. */
  readonly clusters: Categorical;
  /** UMAP of each row. */
  readonly umap: RowPlaces;
  /** Place of each row on the slide, µm, y down. */
  readonly slide: RowPlaces;
  /** Markers of the cluster, best first; ten are shown. */
  readonly markers: readonly ClusterMarker[];
  /** Label of each row: types or categories of Tangram. */
  readonly labels: Categorical;
  /** A colour for each label; scanpy's palette unless told. */
  readonly labelColours?: LevelColours;
  /** Transcripts of each row. */
  readonly transcripts: ArrayLike<number>;
  /** What a row is, in the plural; `nuclei` unless told. */
  readonly unit?: string;
}

const MARKERS_SHOWN = 10;
const LABELS_SHOWN = 9;
const HIGHLIGHT = "#d62728";
const IN_COLOUR = "#4c78a8";
const OUT_COLOUR = "#b8b8b8";
const UMAP_PX = 280;
const MAP_PX = 340;
const GAP_PX = 24;
const HEADING_PX = 20;
const ROW_PX = 19;
const NO_LABEL = "no label";

/**
 * What a person needs to name a cluster: where it lies in the UMAP and on the slide, its markers,
 * what Tangram says of its rows, how many they are and how deep.
 *
 * @throws {SthelarError} `InvalidArgument` if there is no such cluster, or, when it is drawn, if a
 * label has no colour.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { clusterEvidenceFigure } from "@/plots/chapter_2/mod.ts";
 *
 * const places = { x: [0, 1, 2], y: [0, 1, 0] };
 * const evidence = clusterEvidenceFigure({
 *   cluster: "1",
 *   clusters: categorical(["0", "1", "1"]),
 *   umap: places,
 *   slide: places,
 *   markers: [{ gene: "CD3E", score: 9, shareIn: 0.9, shareOut: 0.1 }],
 *   labels: categorical(["B", "T", "T"]),
 *   transcripts: [20, 30, 50],
 * });
 * assert((await evidence.svg()).includes("2 nuclei (66.7 %), median 40 transcripts (all: 30)"));
 * ```
 */
export function clusterEvidenceFigure(options: ClusterEvidenceOptions): Figure {
  const {
    cluster,
    clusters,
    umap,
    slide,
    markers,
    labels,
    labelColours,
    transcripts,
    unit,
    ...frame
  } = options;
  const rows = rowsOf(clusters, cluster);
  const names = unit ?? "nuclei";
  const framed = {
    title: `Cluster ${cluster}`,
    subtitle: describe(rows, clusters, transcripts, names),
    caption: `Red: ${names} of cluster ${cluster}. Grey: all others.`,
    ...definedOf(frame),
  };
  return framedFigure(framed, async () => {
    const colours = labelColours ?? freeColours(labels.levels);
    const maps = beside(await drawMaps(rows, umap, slide));
    const below = beside([
      titled("Top markers", drawMarkers(markers.slice(0, MARKERS_SHOWN))),
      titled(`Labels of its ${names}`, drawLabels(takeLabels(labels, rows), colours)),
    ]);
    return stackDrawings([maps, below], 16);
  });
}

/** The rows of a cluster. */
function rowsOf({ codes, levels }: Categorical, cluster: string): Int32Array {
  const code = levels.indexOf(cluster);
  if (code < 0) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot draw cluster "${cluster}"`,
      found: `clusters ${levels.map((level) => `"${level}"`).join(", ")}`,
      expected: "one of them",
    });
  }
  let count = 0;
  for (let i = 0; i < codes.length; i++) if (codes[i] === code) count++;
  const rows = new Int32Array(count);
  for (let i = 0, at = 0; i < codes.length; i++) if (codes[i] === code) rows[at++] = i;
  return rows;
}

function describe(
  rows: Int32Array,
  { codes }: Categorical,
  transcripts: ArrayLike<number>,
  unit: string,
): string {
  const clustered = codes.reduce((sum, code) => sum + (code >= 0 ? 1 : 0), 0);
  const size = `${formatCount(rows.length)} ${unit} (${formatShare(rows.length, clustered)})`;
  if (rows.length === 0) return size;
  const own = formatNumber(median(Float64Array.from(rows, (row) => transcripts[row])));
  const all = formatNumber(median(Float64Array.from(transcripts).filter((_, i) => codes[i] >= 0)));
  return `${size}, median ${own} transcripts (all: ${all})`;
}

async function drawMaps(rows: Int32Array, umap: RowPlaces, slide: RowPlaces): Promise<Drawing[]> {
  const count = umap.x.length;
  const colour = new Uint16Array(count).fill(1);
  for (const row of rows) colour[row] = 0;
  const palette = [parseColour(HIGHLIGHT), parseColour(MISSING_COLOUR)];
  const raster = 2 * count > RASTER_ABOVE;
  const height = UMAP_PX * 0.9;
  const places = await pointPanel({
    ...umap,
    palette,
    colour,
    raster,
    width: UMAP_PX,
    height,
    radius: umapRadius(count),
    axisNames: ["UMAP1", "UMAP2"],
  });
  const { radius } = sizeOfMap(slide.x, slide.y, MAP_PX, MIN_RADIUS_PX);
  const map = await pointPanel({
    ...slide,
    palette,
    colour,
    raster,
    width: MAP_PX,
    height: height + AXIS_NAME_PX,
    radius,
    slideMap: true,
  });
  return [titled("In the UMAP", places), titled("On the slide", map)];
}

function titled(title: string, drawing: Drawing): Drawing {
  return {
    width: drawing.width,
    height: HEADING_PX + drawing.height,
    body: svgText(0, 11, title, { sizePx: 11, bold: true }) + placeDrawing(drawing, 0, HEADING_PX),
  };
}

function beside(drawings: readonly Drawing[]): Drawing {
  let x = 0, body = "";
  for (const drawing of drawings) {
    body += placeDrawing(drawing, x, 0);
    x += drawing.width + GAP_PX;
  }
  const height = Math.max(...drawings.map((drawing) => drawing.height));
  return { width: x - GAP_PX, height, body };
}

const SCORE_PX = 110;
const SHARE_PX = 120;

/** A bar of the score, and two of the shares that express a gene, for each marker. */
function drawMarkers(markers: readonly ClusterMarker[]): Drawing {
  if (markers.length === 0) {
    const body = svgText(0, 10, "no markers", { fill: "#444" });
    return { width: SCORE_PX + SHARE_PX, height: 16, body };
  }
  const left = widestText(markers.map(({ gene }) => gene)) + 6;
  const scores = markers.map(({ score }) => score.toFixed(1));
  const scoreText = widestText(scores, 9) + 8;
  const most = Math.max(1e-12, ...markers.map(({ score }) => score));
  const shares = left + SCORE_PX + scoreText + 12;
  const top = 16;
  const rows = markers.map(({ gene, score, shareIn, shareOut }, i) => {
    const y = top + i * ROW_PX;
    const width = SCORE_PX * Math.max(0, score) / most;
    const inText = `${(100 * shareIn).toFixed(0)} / ${(100 * shareOut).toFixed(0)}`;
    return svgText(left - 5, y + 12.5, gene, { anchor: "end" }) +
      svgRect(left, y + 3, width, ROW_PX - 7, `fill="${IN_COLOUR}"`) +
      svgText(left + width + 4, y + 12.5, scores[i], { sizePx: 9 }) +
      svgRect(shares, y + 2, SHARE_PX * shareIn, 7, `fill="${IN_COLOUR}"`) +
      svgRect(shares, y + 9.5, SHARE_PX * shareOut, 6, `fill="${OUT_COLOUR}"`) +
      svgText(shares + SHARE_PX * Math.max(shareIn, shareOut) + 4, y + 12.5, inText, { sizePx: 9 });
  });
  const bottom = top + markers.length * ROW_PX;
  const rule = (x: number) => `<path d="M${roundPx(x)},${top}V${roundPx(bottom)}" stroke="#888"/>`;
  const head = svgText(left, 9, "score (z)", { sizePx: 9, fill: "#444" }) +
    drawShareHeading(shares);
  return {
    width: shares + SHARE_PX + 50,
    height: bottom,
    body: head + rows.join("") + rule(left) + rule(shares),
  };
}

/** Says which bar is which. */
function drawShareHeading(x: number): string {
  const style = { sizePx: 9, fill: "#444" };
  const word = (text: string) => widestText([text], 9);
  const inside = x + word("expressing, %:") + 6;
  const outside = inside + 11 + word("in") + 6;
  return svgText(x, 9, "expressing, %:", style) +
    svgRect(inside, 2, 8, 8, `fill="${IN_COLOUR}"`) + svgText(inside + 11, 9, "in", style) +
    svgRect(outside, 2, 8, 8, `fill="${OUT_COLOUR}"`) + svgText(outside + 11, 9, "outside", style);
}

function takeLabels({ codes, levels, ordered }: Categorical, rows: Int32Array): Categorical {
  return { codes: rows.map((row) => codes[row]), levels, ordered };
}

const LABEL_BAR_PX = 120;

/** The most frequent labels as bars, the others in one. */
function drawLabels(labels: Categorical, colours: LevelColours): Drawing {
  const total = labels.codes.length;
  const counts = [...countLevels(labels, colours)].sort((a, b) => b[1] - a[1]);
  const shown = counts.slice(0, counts.length > LABELS_SHOWN + 1 ? LABELS_SHOWN : undefined);
  const bars = shown.map(([name, count]) => ({ name, count, color: colourOf(colours, name) }));
  const others = counts.slice(shown.length);
  if (others.length > 0) {
    const count = others.reduce((sum, [, own]) => sum + own, 0);
    bars.push({ name: `${others.length} other labels`, count, color: "#a8a8a8" });
  }
  const missing = total - counts.reduce((sum, [, count]) => sum + count, 0);
  if (missing > 0) bars.push({ name: NO_LABEL, count: missing, color: MISSING_COLOUR });
  const left = widestText(bars.map(({ name }) => name)) + 6;
  const top = 16;
  const rows = bars.map(({ name, count, color }, i) => {
    const y = top + i * ROW_PX;
    const width = LABEL_BAR_PX * count / total;
    return svgText(left - 5, y + 12.5, name, { anchor: "end" }) +
      svgRect(left, y + 3, width, ROW_PX - 7, `fill="${color}" stroke="#666" stroke-width="0.4"`) +
      svgText(left + width + 4, y + 12.5, formatShare(count, total), { sizePx: 9 });
  });
  const bottom = top + bars.length * ROW_PX;
  return {
    width: left + LABEL_BAR_PX + 42,
    height: bottom,
    body: svgText(left, 9, "share", { sizePx: 9, fill: "#444" }) + rows.join("") +
      `<path d="M${roundPx(left)},${top}V${roundPx(bottom)}" stroke="#888"/>`,
  };
}
