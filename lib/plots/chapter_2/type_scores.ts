import { definedOf, type Figure, type FigureFrame } from "../figure.ts";
import { formatCount, type RampLegend } from "../legend.ts";
import { panels } from "../panels.ts";
import { rasterScatter } from "../raster_scatter.ts";
import { formatShare } from "./count_levels.ts";
import { type SizeOfMap, sizeOfMap } from "./size_of_map.ts";

/** The scores of a type of the reference. */
export interface TypeScores {
  /** Its name. */
  readonly name: string;
  /** The score of each nucleus. */
  readonly scores: ArrayLike<number>;
  /** How many nuclei are labelled so. */
  readonly nuclei: number;
}

/** Where nuclei lie. */
export interface NucleusPlaces {
  /** From left to right, µm. */
  readonly x: ArrayLike<number>;
  /** From top to bottom, µm. */
  readonly y: ArrayLike<number>;
}

/** What {@link typeScores} draws. */
export interface TypeScoresOptions extends FigureFrame, NucleusPlaces {
  /** The type. */
  readonly type: TypeScores;
  /** Width, px; 620 unless told. */
  readonly width?: number;
}

/** What {@link scoreMap} draws. */
export interface ScoreMapOptions extends FigureFrame, NucleusPlaces {
  /** The types, in order. */
  readonly types: readonly TypeScores[];
}

const LEGEND: RampLegend = {
  ramp: "viridis",
  label: "score, clipped at its 5 % and 95 % quantiles, scaled to 0–1",
  domain: [0, 1],
};
const PANEL_PX = 220;
const COLUMNS = 3;
const LOW = 0.05;
const HIGH = 0.95;

/**
 * The score of one type in every nucleus, clipped and scaled as labels are chosen by.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { typeScores } from "@/plots/chapter_2/mod.ts";
 *
 * const type = { name: "Mast cell", scores: [0.1, 0.4, 0.2], nuclei: 1 };
 * const svg = await typeScores({ x: [0, 5, 9], y: [0, 5, 9], type }).svg();
 * assert(svg.includes("Score of Mast cell"));
 * ```
 */
export function typeScores(options: TypeScoresOptions): Figure {
  const { x, y, type, width: most = 620, ...frame } = options;
  const size = sizeOfMap(x, y, most);
  return rasterScatter({
    title: `Score of ${type.name}`,
    subtitle: `${labelled(type, x.length)}, of ${formatCount(x.length)}`,
    legend: LEGEND,
    ...definedOf(frame),
    ...scatterOf({ x, y }, type, size),
  });
}

/** The scores of several types, a small map each. */
export function scoreMap(options: ScoreMapOptions): Figure {
  const { x, y, types, ...frame } = options;
  const size = sizeOfMap(x, y, PANEL_PX);
  const maps = types.map((type, i) =>
    rasterScatter({
      subtitle: type.name,
      caption: labelled(type, x.length),
      legend: { items: [] },
      scaleBar: i === 0,
      ...scatterOf({ x, y }, type, size),
    })
  );
  return panels(maps, {
    title: "Scores of the most frequent types",
    subtitle: `${formatCount(x.length)} nuclei, all maps at one scale`,
    legend: LEGEND,
    ...definedOf(frame),
    columns: Math.min(COLUMNS, Math.max(1, types.length)),
  });
}

function scatterOf({ x, y }: NucleusPlaces, { scores }: TypeScores, size: SizeOfMap) {
  return {
    x,
    y,
    colour: { values: clippedShares(scores), label: LEGEND.label, domain: [0, 1] },
    slideMap: true,
    ...size,
  } as const;
}

function labelled({ nuclei }: TypeScores, total: number): string {
  return `label of ${formatCount(nuclei)} nuclei (${formatShare(nuclei, Math.max(1, total))})`;
}

/** Values between their quantiles 5 % and 95 %, as 0 to 1; 0 where they are all the same. */
function clippedShares(values: ArrayLike<number>): Float32Array {
  const sorted = Float64Array.from(values).sort();
  const [low, high] = [quantile(sorted, LOW), quantile(sorted, HIGH)];
  if (!(high > low)) return new Float32Array(values.length);
  return Float32Array.from(
    values,
    (value) => (Math.min(high, Math.max(low, value)) - low) / (high - low),
  );
}

function quantile(sorted: Float64Array, share: number): number {
  const place = Math.max(0, (sorted.length - 1) * share);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}
