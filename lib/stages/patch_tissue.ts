import { tissueOf } from "@/labels/mod.ts";

/** Names of tissues that differ from the slides' own. */
const NAMES: Readonly<Record<string, string>> = { ovary: "Ovarian" };

/** The tissue that the original gives the patches of each slide. */
export const PARITY_TISSUE = "Breast";

/**
 * The tissue of a slide as the data sets name it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { patchTissue } from "@/stages/patch_tissue.ts";
 *
 * const slides = ["heart_s0", "lymph_node_s0", "ovary_s1"];
 * assertEquals(slides.map(patchTissue), ["Heart", "LymphNode", "Ovarian"]);
 * ```
 */
export function patchTissue(slide: string): string {
  const tissue = tissueOf(slide);
  return NAMES[tissue] ??
    tissue.split("_").map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}
