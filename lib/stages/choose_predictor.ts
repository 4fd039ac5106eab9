import { SthelarError } from "@/core/errors.ts";
import type { PatchSetDescription } from "@/formats/patches/mod.ts";
import type { PredictionSource } from "@/formats/predictions/mod.ts";
import type { PredictAndAlignParams } from "./predict_and_align_params.ts";

/** Who predicts, and at which magnification. */
export interface ChosenPredictor {
  readonly source: PredictionSource;
  /** Of published predictions. */
  readonly file: string | undefined;
  readonly magnification: 40 | 20;
}

/** Whom the user tells of the choice. */
interface Listener {
  inform(message: string): void;
  warn(message: string): void;
}

/**
 * Chooses who predicts; says so where the baseline takes the place of a network.
 *
 * @param file Published predictions, if there are any.
 * @throws {SthelarError} `InvalidArgument` if published predictions are asked for and there are none.
 */
export function choosePredictor(
  { source, magnification }: Pick<PredictAndAlignParams, "source" | "magnification">,
  { image }: Pick<PatchSetDescription, "image">,
  file: string | undefined,
  { inform, warn }: Listener,
): ChosenPredictor {
  const level = { magnification: magnificationOf(magnification, image.level) };
  if (source === "published" && file === undefined) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot compare published predictions",
      found: "no file of them",
      remedy: "name one with --predictions FILE.h5, or let the baseline find nuclei: " +
        "--param 3-03.source=baseline",
    });
  }
  if (source === "published" || (source === "auto" && file !== undefined)) {
    inform(`predicted nuclei of "${file}"`);
    return { ...level, source: "published", file };
  }
  if (source === "auto") {
    warn(
      "no predictions of a network (--predictions FILE.h5): the baseline finds nuclei by their stain, " +
        "and every file and figure made of them says so",
    );
  } else inform("the baseline finds nuclei by their stain");
  return { ...level, source: "baseline", file: undefined };
}

function magnificationOf(given: PredictAndAlignParams["magnification"], level: number): 40 | 20 {
  if (given !== "auto") return given === "40" ? 40 : 20;
  return level === 0 ? 40 : 20;
}
