import { hashAt } from "./coordinate_noise.ts";
import type { SlidePlan } from "./slide_plan.ts";

/** How a cell's outline was found, as the field's software words it. */
export const SEGMENTATION_METHODS = {
  boundary: "Segmented by boundary stain (ATP1A1+CD45+E-Cadherin)",
  interior: "Segmented by interior stain (18S)",
  expansion: "Segmented by nucleus expansion of 5.0µm",
  imported: "Imported segmentation",
} as const;

/** How each cell was segmented. */
export interface SegmentationMethods {
  /** Names of the methods. */
  readonly names: readonly string[];
  /** Position in `names`, one a cell. */
  readonly codes: Uint32Array;
}

/** Of 20 cells: those found by the boundary stain, and by it or the interior stain. */
const BOUNDARY_OF_20 = 14, STAINED_OF_20 = 18;

/**
 * Says how each cell was segmented: all alike, or with the kit's stains most by these.
 *
 * @param nucleusCount Nuclei of each cell; only a cell that has one is grown from it.
 */
export function segmentationMethods(
  { preset, seed }: SlidePlan,
  nucleusCount: Int32Array,
): SegmentationMethods {
  const { boundary, interior, expansion, imported } = SEGMENTATION_METHODS;
  const alike = (name: string) => ({ names: [name], codes: new Uint32Array(nucleusCount.length) });
  if (preset.ranger?.isImport) return alike(imported);
  if (preset.channels.length === 1) return alike(expansion);
  return {
    names: [boundary, interior, expansion],
    codes: Uint32Array.from(nucleusCount, (nuclei, cell) => {
      const draw = Math.floor(hashAt(cell, seed, 0x5e9) / 2 ** 32 * 20);
      if (draw < BOUNDARY_OF_20) return 0;
      return draw < STAINED_OF_20 || nuclei === 0 ? 1 : 2;
    }),
  };
}

/** Share of the cells that were segmented in a way. */
export function methodShare({ names, codes }: SegmentationMethods, name: string): number {
  const code = names.indexOf(name);
  return codes.reduce((count, value) => count + (value === code ? 1 : 0), 0) / codes.length;
}
