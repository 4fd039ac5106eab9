import { SthelarError } from "@/core/errors.ts";
import { scale } from "@observablehq/plot";
import {
  HUNDRED_AND_TWO_COLOURS,
  TWENTY_COLOURS,
  TWENTY_EIGHT_COLOURS,
} from "./scanpy_palettes.ts";
import ontology from "../../data/ontology/colours.json" with { type: "json" };

/** A colour for each level, `#rrggbb`: keyed by level, never by position. */
export type LevelColours = ReadonlyMap<string, string>;

/** The sets of levels that have fixed colours. */
export type ColourSet = keyof typeof ontology;

/** The colour of rows without a value. */
export const MISSING_COLOUR = "#d9d9d9";

/**
 * The fixed colours of one set of labels, in the order in which they are drawn and listed.
 *
 * @param set `final_label`, `final_label_paper` (ten labels), `grouped`, `label3` or `pannuke`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { categoryColours } from "@/plots/colours.ts";
 *
 * assertEquals(categoryColours("final_label").get("T_NK"), "#ff0f0f");
 * assertEquals([...categoryColours("label3").keys()], ["normal_cell", "cancer_cell"]);
 * ```
 */
export function categoryColours(set: ColourSet): LevelColours {
  return new Map(Object.entries(ontology[set]));
}

/**
 * Colours for levels that have no fixed ones, as clusters: scanpy's palettes of 20, 28 and 102 colours
 * by how many levels there are, beyond that hues spread evenly.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { freeColours } from "@/plots/colours.ts";
 *
 * assertEquals(freeColours(["0", "1"]).get("1"), "#ff7f0e");
 * ```
 */
export function freeColours(levels: readonly string[]): LevelColours {
  const palettes = [TWENTY_COLOURS, TWENTY_EIGHT_COLOURS, HUNDRED_AND_TWO_COLOURS];
  const palette = palettes.find((colours) => levels.length <= colours.length);
  if (palette !== undefined) return new Map(levels.map((level, i) => [level, palette[i]]));
  const hue = colourRamp("rainbow");
  return new Map(levels.map((level, i) => [level, hue(i / levels.length)]));
}

/**
 * The colour of a level.
 *
 * @throws {SthelarError} `InvalidArgument` if it has none.
 */
export function colourOf(colours: LevelColours, level: string): string {
  const colour = colours.get(level);
  if (colour === undefined) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot draw the level "${level}"`,
      found: `colours for ${[...colours.keys()].map((l) => `"${l}"`).join(", ")}`,
      expected: "a colour for every level",
      remedy: "add it to the colours, or use freeColours()",
    });
  }
  return colour;
}

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * Reads `#rrggbb` or `rgb(r, g, b)`.
 *
 * @throws {SthelarError} `InvalidArgument` if it is neither.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseColour } from "@/plots/colours.ts";
 *
 * assertEquals(parseColour("#ff8f0f"), [255, 143, 15]);
 * ```
 */
export function parseColour(text: string): Rgb {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (hex !== null) return [parseInt(hex[1], 16), parseInt(hex[2], 16), parseInt(hex[3], 16)];
  const rgb = /^rgb\((\d+), *(\d+), *(\d+)\)$/.exec(text);
  if (rgb !== null) return [Number(rgb[1]), Number(rgb[2]), Number(rgb[3])];
  throw new SthelarError("InvalidArgument", {
    action: "Cannot read a colour",
    found: `"${text}"`,
    expected: '"#rrggbb"',
  });
}

/** A continuous colour scheme. */
export type RampName = "viridis" | "blues" | "reds" | "greys" | "rainbow";

/** The colours of a continuous scheme as a function of 0 to 1. */
export function colourRamp(name: RampName): (share: number) => string {
  const ramp = scale({ color: { type: "linear", scheme: name, domain: [0, 1] } });
  return (share) => ramp.apply(Math.min(1, Math.max(0, share))) as string;
}

/** A continuous scheme as 256 colours, `r, g, b, r, g, b, …`. */
export function rampTable(name: RampName): Uint8Array {
  const ramp = colourRamp(name);
  return Uint8Array.from({ length: 256 }, (_, i) => i)
    .reduce((table, i) => {
      table.set(parseColour(ramp(i / 255)), i * 3);
      return table;
    }, new Uint8Array(768));
}
