import { SthelarError } from "@/core/errors.ts";
import { FOCUS_NAMES, isForeign, missingFile } from "./bundle_files.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/** One channel of the morphology: a file of its own. */
export interface ChannelFile {
  /** Channel number, 0 is DAPI. */
  readonly index: number;
  /** Name of the stain as far as the file's name or the kit tells; the OME header may know better. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

/** The two-dimensional morphology images of a bundle. */
export interface ImageFiles {
  /** `focus`: sharpest plane (all versions); `mip`: maximum projection (before 2.0). */
  readonly kind: "focus" | "mip";
  /** By channel number, from 0, without gaps. */
  readonly channels: readonly ChannelFile[];
}

/** Stains of the segmentation kit, by channel, and as 4.x spells them in file names. */
const KIT_STAINS = ["DAPI", "ATP1A1/CD45/E-Cadherin", "18S", "alphaSMA/Vimentin"] as const;

const STAIN_OF_FILE_NAME = new Map(
  KIT_STAINS.map((name) => [name.toLowerCase().replaceAll("/", "_"), name as string]),
);

/**
 * File names of one channel each in `morphology_focus/`, in the order in which they are looked for.
 *
 * | analysis | names |
 * |---|---|
 * | 4.x | `ch0001_atp1a1_cd45_e-cadherin.ome.tif` |
 * | 2.x, 3.x | `morphology_focus_0001.ome.tif` |
 * | 1.x | no folder: `morphology_focus.ome.tif`, `morphology_mip.ome.tif` |
 */
const CHANNEL_NAMES = [/^ch(\d{4})_(.+)\.ome\.tif$/, /^morphology_focus_(\d{4})\.ome\.tif$/];

/**
 * Lists the focus images of a bundle, one file a channel; pixels are not read.
 *
 * @throws {SthelarError} `NotFound` if there are none or a channel is missing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { imageFiles, openXeniumBundle } from "@/formats/xenium/mod.ts";
 *
 * const disk = new MemoryDisk();
 * for (const name of ["ch0000_dapi", "ch0001_atp1a1_cd45_e-cadherin"]) {
 *   await disk.write(`/outs/morphology_focus/${name}.ome.tif`, new Uint8Array());
 * }
 * const { channels } = await imageFiles(await openXeniumBundle("/outs", disk));
 * assertEquals(channels.map(({ name }) => name), ["DAPI", "ATP1A1/CD45/E-Cadherin"]);
 * ```
 */
export async function imageFiles(bundle: XeniumBundle): Promise<ImageFiles> {
  const { root, disk, manifest } = bundle;
  const detected = bundle.files.get("morphologyFocus")?.slice(root.length + 1);
  for (const relative of [manifest.focusImage, ...FOCUS_NAMES, detected]) {
    if (relative === undefined) continue;
    const stat = await disk.stat(`${root}/${relative}`);
    const found = stat && await filesAround(bundle, relative, stat.isDirectory);
    if (found !== undefined) return found;
  }
  const path = bundle.pathOf("morphologyFocus");
  throw missingFile("morphologyFocus", path, await disk.list(path));
}

/** `undefined` for a folder without images. */
async function filesAround(
  bundle: XeniumBundle,
  relative: string,
  isDirectory: boolean,
): Promise<ImageFiles | undefined> {
  const path = `${bundle.root}/${relative}`;
  const inFolder = relative.includes("/");
  if (!isDirectory && !inFolder) return singleFile(path);
  const folder = isDirectory ? path : path.slice(0, path.lastIndexOf("/"));
  const names = (await bundle.disk.list(folder)).filter((name) => !isForeign(name));
  for (const pattern of CHANNEL_NAMES) {
    const channels = names.flatMap((name) => channelOf(pattern, name, folder));
    if (channels.length > 0) return { kind: "focus", channels: withoutGaps(channels, folder) };
  }
  return isDirectory ? undefined : singleFile(path);
}

function singleFile(path: string): ImageFiles {
  const kind = path.endsWith("morphology_mip.ome.tif") ? "mip" : "focus";
  return { kind, channels: [{ index: 0, name: KIT_STAINS[0], path }] };
}

function channelOf(pattern: RegExp, fileName: string, folder: string): ChannelFile[] {
  const match = pattern.exec(fileName);
  if (match === null) return [];
  const index = Number(match[1]);
  const stain: string | undefined = match[2];
  const name = stain === undefined
    ? KIT_STAINS[index] ?? `channel ${index}`
    : STAIN_OF_FILE_NAME.get(stain) ?? stain.replaceAll("_", "/");
  return [{ index, name, path: `${folder}/${fileName}` }];
}

function withoutGaps(channels: readonly ChannelFile[], folder: string): readonly ChannelFile[] {
  const sorted = channels.toSorted((a, b) => a.index - b.index);
  const gap = sorted.findIndex(({ index }, i) => index !== i);
  if (gap < 0) return sorted;
  throw new SthelarError("NotFound", {
    action: `Cannot read the focus images in "${folder}"`,
    found: `channels ${sorted.map(({ index }) => index).join(", ")}`,
    expected: `one file for each channel from 0, and none for channel ${gap}`,
    remedy: "copy the whole folder morphology_focus of the bundle",
    path: folder,
  });
}
