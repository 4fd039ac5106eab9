import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type NpyHeader, npyHeader, openNpy } from "@/formats/npz/mod.ts";
import { openZip, type ZipArchive, ZipWriter } from "@/formats/zip/mod.ts";
import { decodePng } from "./decode_png.ts";
import { FileSession } from "./file_session.ts";
import { PngEncoder } from "./png_encoder.ts";

/**
 * How the pictures of patches are kept: `png`, a zip of `<patch>.png`, about half as large, opened by any
 * viewer, and taken over file by file into a data set; `npy`, one array, as the original has them.
 */
export type PatchImageKind = "png" | "npy";

/** Pictures that may be on their way to the file at once, for each thread. */
const PICTURES_AHEAD = 4;

/** Writes the pictures of patches, one after another. */
export interface PatchImageWriter {
  /** Adds one, `(width, width, 3)`; it belongs to the writer from then on. */
  append(patch: number, rgb: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Completes the file. */
  finish(): Promise<void>;
  /** Gives the file up. */
  discard(): Promise<void>;
}

/** Creates the file of a set's pictures. */
export async function createPatchImages(
  disk: Disk,
  folder: string,
  kind: PatchImageKind,
  patchWidth: number,
  threads: number,
): Promise<PatchImageWriter> {
  return kind === "png"
    ? zippedPictures(
      await FileSession.open(disk, `${folder}/images.zip`),
      new PngEncoder(patchWidth, threads),
    )
    : stackedPictures(await FileSession.open(disk, `${folder}/images.npy`), patchWidth);
}

function zippedPictures(file: FileSession, encoder: PngEncoder): PatchImageWriter {
  const zip = new ZipWriter(file);
  const waiting: { readonly name: string; readonly png: Promise<Uint8Array> }[] = [];
  const writeUpTo = async (left: number) => {
    while (waiting.length > left) {
      const { name, png } = waiting.shift()!;
      await zip.add(name, await png);
    }
  };
  return {
    async append(patch, rgb) {
      const png = encoder.encode(rgb);
      png.catch(() => {
        // Whoever waits for the picture is told; one that is given up fails nothing.
      });
      waiting.push({ name: `${patch}.png`, png });
      await writeUpTo(PICTURES_AHEAD * encoder.threads);
    },
    async finish() {
      await writeUpTo(0);
      encoder[Symbol.dispose]();
      await zip.finish();
      await file.close();
    },
    async discard() {
      encoder[Symbol.dispose]();
      await file.discard();
    },
  };
}

function stackedPictures(file: FileSession, patchWidth: number): PatchImageWriter {
  const type = { kind: "number", dtype: "uint8" } as const;
  const header = (count: number) => npyHeader(type, [count, patchWidth, patchWidth, 3]);
  let count = 0;
  return {
    async append(_patch, rgb) {
      if (count++ === 0) await file.append(header(0));
      await file.append(rgb);
    },
    async finish() {
      // NumPy pads the header so that the first extent may grow.
      await file.writeAtStart(header(count));
      await file.close();
    },
    discard: () => file.discard(),
  };
}

/** Pictures of patches, read one by one. */
export interface PatchImages {
  /** How they are kept. */
  readonly kind: PatchImageKind;
  /**
   * One picture.
   *
   * @param index Number among the kept patches.
   * @param patch Number in the grid.
   * @returns Interleaved, `(width, width, 3)`.
   * @throws {SthelarError} `NotFound` or `CorruptData`.
   */
  read(index: number, patch: number): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Opens the pictures of a set: `images.zip`, or `images.npy`.
 *
 * @param count How many patches there are.
 * @throws {SthelarError} `NotFound` if there are none, `CorruptData` if there are others than these.
 */
export async function openPatchImages(
  disk: Disk,
  folder: string,
  count: number,
  patchWidth: number,
): Promise<PatchImages> {
  const zip = `${folder}/images.zip`, npy = `${folder}/images.npy`;
  if (await disk.stat(zip) !== undefined) {
    return picturesOfZip(await openZip(disk, zip), zip, patchWidth);
  }
  if (await disk.stat(npy) === undefined) {
    throw new SthelarError("NotFound", {
      action: `Cannot open the patches in "${folder}"`,
      found: "neither images.zip nor images.npy",
      expected: "the pictures of the patches",
      path: folder,
    });
  }
  const header = await openNpy(disk, npy);
  requireShape(header, [count, patchWidth, patchWidth, 3], npy);
  const bytes = 3 * patchWidth * patchWidth;
  return {
    kind: "npy",
    read: async (index) =>
      await disk.readRange(npy, header.offset + index * bytes, bytes) ?? gone(npy),
  };
}

function picturesOfZip(archive: ZipArchive, path: string, patchWidth: number): PatchImages {
  return {
    kind: "png",
    async read(_index, patch) {
      const name = `${patch}.png`;
      const size = { width: patchWidth, height: patchWidth, path: `${path}/${name}` };
      return await decodePng(await archive.read(name), size);
    },
  };
}

function requireShape({ type, shape }: NpyHeader, expected: readonly number[], path: string): void {
  const isBytes = type.kind === "number" && type.dtype === "uint8";
  if (isBytes && String(shape) === String(expected)) return;
  throw new SthelarError("CorruptData", {
    action: `Cannot read the pictures "${path}"`,
    found: `${isBytes ? "bytes" : "values"} of shape ${shape.join(" x ")}`,
    expected: `bytes of shape ${expected.join(" x ")}`,
    path,
  });
}

function gone(path: string): never {
  throw new SthelarError("NotFound", { action: `Cannot read "${path}"`, found: "no file", path });
}
