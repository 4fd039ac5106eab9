import sharp from "sharp";
import { drawRegions, parseAperioRegions } from "./aperio_annotations.ts";

/** Tiles of MoNuSeg: lung, colon and breast, at 40x. */
export const MONUSEG_TILES = [
  "TCGA-44-2665-01B-06-BS6",
  "TCGA-A6-6782-01A-01-BS1",
  "TCGA-AC-A2FO-01A-01-TS1",
] as const;
export const MONUSEG_TILE = { width: 1000, height: 1000 };
export const MONUSEG_UM_PER_PX = 0.2468;

/** A tile and the nuclei that people drew. */
export interface MonusegTile {
  readonly name: string;
  /** (height, width, 3). */
  readonly rgb: Uint8Array;
  /** Labels, 0 outside, (height, width). */
  readonly truth: Int32Array;
}

/** Reads a tile and its nuclei from the folder `he_monuseg`. */
export async function readMonusegTile(folder: string, name: string): Promise<MonusegTile> {
  const xml = await Deno.readTextFile(`${folder}/${name}.xml`);
  return {
    name,
    rgb: new Uint8Array(await sharp(`${folder}/${name}.tif`).removeAlpha().raw().toBuffer()),
    truth: drawRegions(parseAperioRegions(xml), MONUSEG_TILE),
  };
}
