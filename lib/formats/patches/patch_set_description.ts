import { SthelarError } from "@/core/errors.ts";

/** What a set of patches is: `patches.json` beside its files. */
export interface PatchSetDescription {
  /** Version of this file. */
  readonly format: 1;
  /** The slide that the patches are of. */
  readonly slide: string;
  /** Level of the H&E that is cut into patches, and its size, px. */
  readonly image: { readonly level: number; readonly width: number; readonly height: number };
  /** Side of a patch, px. */
  readonly patchWidth: number;
  /** What neighbours share, px. */
  readonly overlap: number;
  /** `[a, b, c, d, e, f]` from px of that level to `global`: x' = a x + b y + c, y' = d x + e y + f. */
  readonly toGlobal: readonly number[];
  /** Micrometres a pixel of that level. */
  readonly umPerPixel: number;
  /** Which pixels a polygon covers. */
  readonly sampling: "centre" | "parity";
  /** Number of a cell in the masks: that of its id and 1, or its row in `nucleus_boundaries` and 1. */
  readonly cellNumbers: "id" | "row";
}

/**
 * Reads `patches.json`.
 *
 * @throws {SthelarError} `CorruptData` or `UnsupportedVersion`.
 */
export function parseDescription(bytes: Uint8Array, path: string): PatchSetDescription {
  const fail = (found: string, expected: string, cause?: unknown) =>
    new SthelarError("CorruptData", {
      action: `Cannot read the description of patches "${path}"`,
      ...{ found, expected, path, cause },
    });
  let read: Partial<PatchSetDescription> | null;
  try {
    read = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw fail("no JSON", "an object", cause);
  }
  if (read?.format !== 1) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read the description of patches "${path}"`,
      found: `version ${read?.format}`,
      expected: "version 1",
      path,
    });
  }
  const sizes = [read.image?.level, read.image?.width, read.image?.height, read.patchWidth];
  const areNumbers = [...sizes, read.overlap, read.umPerPixel, ...read.toGlobal ?? []]
    .every(Number.isFinite);
  if (typeof read.slide === "string" && areNumbers && read.toGlobal?.length === 6) {
    return read as PatchSetDescription;
  }
  throw fail("fields that are missing or of another type", "those of version 1");
}
