import { SthelarError } from "@/core/errors.ts";
import type { SamplingRule } from "./rasterise.ts";

/**
 * What becomes of a nucleus that the patch's edge cuts: it is drawn as far as it reaches in, left out
 * of this patch, or drawn where at least this part of its area lies inside.
 */
export type CutNuclei = "keep" | "drop" | { readonly minFraction: number };

/** How the masks of patches are drawn. */
export interface PatchMaskOptions {
  /** Which pixels a polygon covers (default `centre`). */
  readonly sampling?: SamplingRule;
  /** Patches with fewer nuclei are not kept (default 1). */
  readonly minNuclei?: number;
  /** Whether a patch is kept whose pixels all belong to cells (default true). */
  readonly keepCovered?: boolean;
  /** What becomes of nuclei that the edge cuts (default `keep`). */
  readonly cutNuclei?: CutNuclei;
}

/** How the published masks were drawn. */
export const PARITY_MASKS: Required<PatchMaskOptions> = {
  sampling: "parity",
  minNuclei: 1,
  keepCovered: false,
  cutNuclei: "keep",
};

/**
 * Options with their defaults.
 *
 * @throws {SthelarError} `InvalidArgument` for a number of nuclei below 1 or a fraction outside 0 to 1.
 */
export function resolveMaskOptions(options: PatchMaskOptions): Required<PatchMaskOptions> {
  const { sampling = "centre", minNuclei = 1, keepCovered = true, cutNuclei = "keep" } = options;
  const fraction = typeof cutNuclei === "string" ? 0 : cutNuclei.minFraction;
  if (!Number.isInteger(minNuclei) || minNuclei < 1 || !(fraction >= 0 && fraction <= 1)) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot draw masks of patches",
      found: `minNuclei ${minNuclei} and minFraction ${fraction}`,
      expected: "a whole number from 1, and a fraction from 0 to 1",
    });
  }
  return { sampling, minNuclei, keepCovered, cutNuclei };
}
