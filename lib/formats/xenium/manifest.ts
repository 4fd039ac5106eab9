import type { Disk } from "@/core/disk.ts";
import { messageOf, SthelarError } from "@/core/errors.ts";
import { parseJson } from "@/core/parse_json.ts";

/**
 * What is used of `experiment.xenium`. Only the pixel size decides anything; the version is shown,
 * never asked.
 */
export interface XeniumManifest {
  /** Side of a pixel of the morphology image in µm, `undefined` if the manifest has none. */
  readonly pixelSizeUm: number | undefined;
  /** Version of the analysis software as written, as in `xenium-3.0.0.15`. */
  readonly versionText: string | undefined;
  /** Its number, as in `3.0.0`; `undefined` for texts without one, such as `R&D`. */
  readonly version: string | undefined;
  /** Path of the (first) focus image as the manifest names it, relative to the bundle. */
  readonly focusImage: string | undefined;
  /** All keys. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What is known without a manifest: nothing. */
export const NO_MANIFEST: XeniumManifest = {
  pixelSizeUm: undefined,
  versionText: undefined,
  version: undefined,
  focusImage: undefined,
  raw: {},
};

/**
 * Reads `experiment.xenium`.
 *
 * @throws {SthelarError} `CorruptData` if it is no JSON object or its pixel size is no size.
 */
export async function readManifest(disk: Disk, path: string): Promise<XeniumManifest> {
  const raw = parseObject(new TextDecoder().decode(await disk.read(path)), path);
  const pixelSize = raw["pixel_size"];
  if (pixelSize !== undefined && !(typeof pixelSize === "number" && pixelSize > 0)) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read the pixel size of "${path}"`,
      found: JSON.stringify(pixelSize),
      expected: "micrometres, as in 0.2125",
      path,
    });
  }
  const versionText = text(raw["xenium_ranger"], "version") ?? text(raw, "analysis_sw_version");
  return {
    pixelSizeUm: pixelSize,
    versionText,
    version: /^xenium-(\d+\.\d+\.\d+)/i.exec(versionText ?? "")?.[1],
    focusImage: text(raw["images"], "morphology_focus_filepath"),
    raw,
  };
}

function parseObject(content: string, path: string): Record<string, unknown> {
  let value: unknown;
  let fault = "JSON that is no object";
  try {
    value = parseJson(content);
  } catch (error) {
    fault = messageOf(error);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new SthelarError("CorruptData", {
    action: `Cannot read the manifest "${path}"`,
    found: fault,
    expected: "a JSON object",
    remedy: "download the file again",
    path,
  });
}

function text(object: unknown, key: string): string | undefined {
  if (typeof object !== "object" || object === null) return undefined;
  const value = (object as Record<string, unknown>)[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}
