import type { Disk } from "@/core/disk.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import type { BundleParts } from "./bundle_parts.ts";
import type { BundlePreset } from "@/simulate/presets.ts";
import { MATRIX_FILES } from "@/simulate/write_matrix.ts";
import { focusFiles } from "@/simulate/write_manifest.ts";

const TABLES = ["cells", "transcripts", "cell_boundaries", "nucleus_boundaries"];

/** Files that a version must have, in one format or another, and files that it can't have. */
export async function fileFaults(
  disk: Disk,
  folder: string,
  preset: BundlePreset,
): Promise<string[]> {
  const has = async (name: string) => await disk.stat(`${folder}/${name}`) !== undefined;
  const needs = async (what: string, names: readonly string[]) =>
    (await Promise.all(names.map(has))).includes(true) ? [] : [`no ${what}`];
  const refuses = async (name: string) => await has(name) ? [`"${name}" in this version`] : [];
  const isOld = preset.images === "single-files";
  const faults = [
    ...(preset.transcriptColumns === 13 ? await refuses("transcripts.csv.gz") : []),
    ...await needs("count matrix", Object.values(MATRIX_FILES)),
    ...(isOld ? await refuses("morphology_focus") : await refuses("morphology_mip.ome.tif")),
    ...(preset.proteins.length === 0
      ? await refuses("protein_panel.json")
      : await needs("protein_panel.json", ["protein_panel.json"])),
  ];
  for (const name of TABLES) {
    faults.push(...await needs(name, [`${name}.parquet`, `${name}.csv.gz`]));
  }
  const always = ["experiment.xenium", "cells.zarr.zip", "gene_panel.json", "metrics_summary.csv"];
  const images = [...focusFiles(preset), ...(isOld ? ["morphology_mip.ome.tif"] : [])];
  for (const name of [...always, ...images]) faults.push(...await needs(name, [name]));
  return faults;
}

/** Images have the size of the masks, a plane a channel, the pixel size of the manifest. */
export async function imageFaults(parts: BundleParts): Promise<string[]> {
  const { folder, preset, manifest, zarr } = parts;
  const faults: string[] = [];
  const size = await zarr.has("masks/0") ? (await zarr.array("masks/0")).shape : undefined;
  const stack = "morphology.ome.tif";
  const names = [
    ...focusFiles(preset),
    ...(preset.images === "single-files" ? ["morphology_mip.ome.tif"] : []),
    ...(await parts.disk.stat(`${folder}/${stack}`) === undefined ? [] : [stack]),
  ];
  for (const name of names) {
    await using image = await openOmeTiff(`${folder}/${name}`);
    const [{ width, height }] = image.levels;
    if (size !== undefined && (height !== size[0] || width !== size[1])) {
      faults.push(`${name}: ${height} x ${width} pixels, the masks have ${size.join(" x ")}`);
    }
    if (image.dtype !== "uint16") faults.push(`${name}: samples of ${image.dtype}`);
    if (image.pixelSizeUm?.x !== manifest["pixel_size"]) faults.push(`${name}: another pixel size`);
  }
  const images = manifest["images"] as Readonly<Record<string, string>>;
  for (const name of Object.values(images)) {
    if (!names.includes(name)) faults.push(`the manifest names "${name}"`);
  }
  return faults;
}
