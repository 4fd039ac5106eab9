import { messageOf, SthelarError } from "@/core/errors.ts";
import { parseJson } from "@/core/parse_json.ts";

/** Who predicted the nuclei: the segmenter without weights, or a file that someone published. */
export type PredictionSource = "baseline" | "published";
const SOURCES: readonly PredictionSource[] = ["baseline", "published"];

/** What a set of predictions is: `predictions.json` beside its files. */
export interface PredictionDescription {
  /** Version of this file. */
  readonly format: 1;
  /** The slide that the predictions are of. */
  readonly slide: string;
  /** Who predicted. */
  readonly source: PredictionSource;
  /** Classes of nuclei, background first; `null` where the source does not tell classes. */
  readonly classes: readonly string[] | null;
  /** Magnification that the constants of the post-processing and of the metrics are for. */
  readonly magnification: 40 | 20;
  /** Side of a patch, px. */
  readonly patchWidth: number;
}

/**
 * Reads `predictions.json`.
 *
 * @throws {SthelarError} `CorruptData` or `UnsupportedVersion`.
 */
export function parsePredictionDescription(bytes: Uint8Array, path: string): PredictionDescription {
  const action = `Cannot read the description of predictions "${path}"`;
  const fail = (found: string, expected: string, cause?: unknown) =>
    new SthelarError("CorruptData", { action, found, expected, path, cause });
  let read: Partial<PredictionDescription> | null;
  try {
    read = parseJson(new TextDecoder().decode(bytes)) as typeof read;
  } catch (cause) {
    throw fail(messageOf(cause), "an object of JSON", cause);
  }
  if (read?.format !== 1) {
    const found = `version ${read?.format}`, expected = "version 1";
    throw new SthelarError("UnsupportedVersion", { action, found, expected, path });
  }
  const { slide, source, classes, magnification, patchWidth } = read;
  const areTexts = classes === null ||
    (Array.isArray(classes) && classes.every((name) => typeof name === "string"));
  const isWhole = typeof slide === "string" && SOURCES.includes(source!) && areTexts &&
    (magnification === 40 || magnification === 20) && Number.isSafeInteger(patchWidth);
  if (isWhole) return read as PredictionDescription;
  throw fail("fields that are missing or of another type", "those of version 1");
}
