import { HePainter } from "./render_he.ts";
import { MorphologyPainter } from "./render_morphology.ts";
import type { SimulatedTissue } from "./simulated_tissue.ts";

/** A picture of a tissue: a channel of the morphology image, or the H&E. */
export type Picture = number | "he";

/** What paints any part of a picture. */
export function picturePainter(
  tissue: SimulatedTissue,
  picture: Picture,
): HePainter | MorphologyPainter {
  return picture === "he" ? new HePainter(tissue) : new MorphologyPainter(tissue, picture);
}
