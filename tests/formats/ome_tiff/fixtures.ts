import {
  type EncodedTile,
  type OmeTiff,
  openOmeTiff,
  type OpenOmeTiffOptions,
} from "@/formats/ome_tiff/mod.ts";

/** Folder of the fixtures, with the slash. */
export const FIXTURES = new URL("../../fixtures/ome_tiff/", import.meta.url).pathname;

/** What tifffile read from a fixture. */
export interface Golden {
  readonly dtype: "uint8" | "uint16";
  readonly levels: readonly { readonly shape: readonly number[]; readonly sha256: string }[];
  readonly channels?: readonly string[];
  /** Null where the file says nothing that makes sense. */
  readonly pixelSizeUm?: { readonly x: number; readonly y: number } | null;
  /** 1, 2, 4 where it is not told. */
  readonly downsamples?: readonly number[];
  readonly sizeZ?: number;
  readonly z?: number;
  /** Largest difference from the values in the `.bin` beside it. */
  readonly tolerance?: number;
}

/** Names of the fixtures that have a golden file, found by listing the folder. */
export const GOLDEN_NAMES: readonly string[] = [...Deno.readDirSync(FIXTURES)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".tif"))
  .map((name) => name.slice(0, -4))
  .sort();

/** Reads a fixture's golden file. */
export async function readGolden(name: string): Promise<Golden> {
  return JSON.parse(await Deno.readTextFile(`${FIXTURES}${name}.json`));
}

/** Opens a fixture by name. */
export function openFixture(name: string, options: OpenOmeTiffOptions = {}): Promise<OmeTiff> {
  return openOmeTiff(`${FIXTURES}${name}.tif`, options);
}

/** All of a level, (c, y, x), put together from `readTile`. */
export async function readLevelByTiles(image: OmeTiff, index: number) {
  const level = image.levels[index];
  const length = level.channels * level.height * level.width;
  const out = image.dtype === "uint8" ? new Uint8Array(length) : new Uint16Array(length);
  for (const { row, column } of level.tiles()) {
    const { data, x0, y0, width, height } = await level.readTile({ row, column });
    for (let c = 0; c < level.channels; c++) {
      for (let y = 0; y < height; y++) {
        const from = (c * height + y) * width;
        const to = (c * level.height + y0 + y) * level.width + x0;
        out.set(data.subarray(from, from + width), to);
      }
    }
  }
  return out;
}

/** The sha256 of an array's bytes, in hexadecimal. */
export async function sha256(data: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data)).toHex();
}

/** A writable copy of a fixture in a folder that is removed afterwards. */
export async function withCopy(
  bytes: Uint8Array,
  run: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/copy.ome.tif`;
    await Deno.writeFile(path, bytes);
    await run(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** An uncompressed tile of 2 x 2 values: `first`, 2, 3, 4. */
export function plainTile(first: number): EncodedTile {
  return {
    bytes: Uint8Array.of(first, 2, 3, 4),
    encoding: {
      compression: "none",
      dtype: "uint8",
      littleEndian: true,
      width: 2,
      height: 2,
      clipWidth: 2,
      clipHeight: 2,
      samples: 1,
      horizontalDifferences: false,
      colour: "asStored",
      jpegTables: undefined,
    },
  };
}
