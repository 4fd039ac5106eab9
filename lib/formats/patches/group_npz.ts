import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { Turns } from "@/core/turns.ts";
import {
  npyBytes,
  type NpyHeader,
  npyHeader,
  openNpy,
  openSparseNpz,
  parseNpy,
  type SparseNpz,
  SparseNpzWriter,
} from "@/formats/npz/mod.ts";
import { chunkFiles } from "./chunk_files.ts";
import { FileSession } from "./file_session.ts";
import { readPatchIds } from "./patch_set.ts";

/** How chunks are grouped. */
export interface GroupNpzOptions {
  /** Folder for the whole files; that of the chunks unless told. */
  readonly to?: string;
  /** Folder for what waits until its turn in a file (default the system's). */
  readonly scratch?: string;
  /** Told of each chunk. */
  readonly progress?: Progress;
  /** Stops the grouping. */
  readonly signal?: AbortSignal;
}

/** A file that was made of chunks. */
export interface ChunkGroup {
  /** Its path. */
  readonly path: string;
  /** How many chunks it is made of. */
  readonly chunks: number;
}

/** What was grouped. */
export interface GroupedChunks {
  /** Kept patches. */
  readonly patches: number;
  /** The files, in the order in which they were written. */
  readonly files: readonly ChunkGroup[];
}

/** Rows that are in memory at once. */
const BLOCK_ROWS = 2 ** 20;
const BLOCK_BYTES = 2 ** 22;
const PIXELS = 256 * 256;
const KINDS = [
  ["patch_ids", "npy"],
  ["types", "npy"],
  ["images", "npy"],
  ["masks", "npz"],
  ["masks_cells", "npz"],
] as const;
type Kind = typeof KINDS[number][0];

/**
 * 3-2: puts the chunk files of the original's patches together, `masks_chunk_<j>.npz` or
 * `masks_chunk_<i>_chunk_<j>.npz` and the like, in the order of their numbers, as a stream. The chunks
 * are kept. Original: `_3-2_group_npz_files.py`.
 *
 * @param folder Of one slide, with the chunks.
 * @throws {SthelarError} `NotFound` if there are no chunks, `CorruptData` if one is missing, damaged or of
 *   another run, `InvalidArgument` if a whole file is there already.
 */
export async function groupNpz(
  disk: Disk,
  folder: string,
  options: GroupNpzOptions = {},
): Promise<GroupedChunks> {
  const { to = folder } = options;
  const groups = await findGroups(disk, folder, to);
  const patches = await countPatches(disk, folder, groups);
  const parts = await openParts(disk, groups, patches);
  const work = new Work(disk, options, [...groups.values()].flat().length);
  const files: ChunkGroup[] = [];
  try {
    for (const [kind, extension] of KINDS) {
      const chunks = groups.get(kind);
      if (chunks === undefined) continue;
      const path = `${to}/${kind}.${extension}`;
      if (kind === "masks" || kind === "masks_cells") await work.joinMasks(parts.masks[kind], path);
      else if (kind === "images") await work.joinImages(chunks, parts.images, path);
      else await work.joinSmall(chunks, path);
      files.push({ path, chunks: chunks.length });
    }
  } catch (error) {
    for (const { path } of files) await disk.remove(path);
    throw error;
  }
  return { patches, files };
}

async function findGroups(disk: Disk, folder: string, to: string): Promise<Map<Kind, string[]>> {
  const groups = new Map<Kind, string[]>();
  for (const [kind, extension] of KINDS) {
    const chunks = await chunkFiles(disk, folder, kind, extension);
    if (chunks.length === 0) continue;
    const path = `${to}/${kind}.${extension}`;
    if (await disk.stat(path) !== undefined) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot group the chunks in "${folder}"`,
        found: `"${path}", which is there already`,
        remedy: "remove it, or name another folder with --to",
        path,
      });
    }
    groups.set(kind, chunks);
  }
  if (groups.size > 0) return groups;
  throw new SthelarError("NotFound", {
    action: `Cannot group the chunks in "${folder}"`,
    found: "no files of chunks",
    expected: "masks_chunk_0.npz or masks_chunk_0_chunk_0.npz and the like",
    path: folder,
  });
}

/** Kept patches, by their numbers. */
async function countPatches(
  disk: Disk,
  folder: string,
  groups: ReadonlyMap<Kind, readonly string[]>,
): Promise<number> {
  const chunks = groups.get("patch_ids") ?? [`${folder}/patch_ids.npy`];
  let last = -1, count = 0;
  for (const chunk of chunks) {
    const ids = await readPatchIds(disk, chunk);
    if (ids.length > 0 && ids[0] <= last) {
      throw new SthelarError("CorruptData", {
        action: `Cannot group "${chunk}"`,
        found: `patch ${ids[0]} after patch ${last}`,
        expected: "chunks of one run, in ascending order",
        path: chunk,
      });
    }
    last = ids.at(-1) ?? last;
    count += ids.length;
  }
  return count;
}

interface Parts {
  readonly images: readonly NpyHeader[];
  readonly masks: Readonly<Record<"masks" | "masks_cells", readonly SparseNpz[]>>;
}

/** Opens the chunks by their headers, and sees that they are of as many patches. */
async function openParts(
  disk: Disk,
  groups: ReadonlyMap<Kind, readonly string[]>,
  patches: number,
): Promise<Parts> {
  const all = <T>(kind: Kind, open: (disk: Disk, path: string) => Promise<T>) =>
    Promise.all((groups.get(kind) ?? []).map((path) => open(disk, path)));
  const images = await all("images", openNpy);
  const masks = await all("masks", openSparseNpz);
  const cells = await all("masks_cells", openSparseNpz);
  const check = (kind: Kind, found: readonly (readonly number[])[], rowsEach: number) => {
    const chunks = groups.get(kind);
    if (chunks === undefined) return;
    const [, ...first] = found[0];
    const odd = found.findIndex(([, ...rest]) => String(rest) !== String(first));
    if (odd >= 0) {
      throw mismatch(chunks[odd], `${found[odd].join(" x ")}`, `${["n", ...first].join(" x ")}`);
    }
    const rows = found.reduce((sum, shape) => sum + shape[0], 0);
    if (rows !== patches * rowsEach) {
      throw mismatch(chunks[0], `${rows} rows in all chunks`, `${patches * rowsEach}`);
    }
  };
  check("images", images.map(({ shape }) => shape), 1);
  check("masks", masks.map(({ shape }) => shape), PIXELS);
  check("masks_cells", cells.map(({ shape }) => shape), 1);
  return { images, masks: { masks, masks_cells: cells } };
}

function mismatch(path: string, found: string, expected: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot group "${path}"`,
    found,
    expected: `${expected}, as the numbers of patches and the other chunks imply`,
    path,
  });
}

/** Joins chunks, one file after another. */
class Work {
  readonly #disk: Disk;
  readonly #scratch: string | undefined;
  readonly #progress: Progress;
  readonly #turns: Turns;
  readonly #total: number;
  #done = 0;

  constructor(disk: Disk, options: GroupNpzOptions, total: number) {
    this.#disk = disk;
    this.#scratch = options.scratch;
    this.#progress = options.progress ?? silentProgress;
    this.#turns = new Turns("Stopped grouping chunks", options.signal);
    this.#total = total;
  }

  async joinMasks(parts: readonly SparseNpz[], path: string): Promise<void> {
    const options = this.#scratch === undefined ? {} : { scratch: this.#scratch };
    using writer = new SparseNpzWriter(this.#disk, path, parts[0].shape[1], options);
    for (const part of parts) {
      const blockRows = Math.max(1, Math.min(BLOCK_ROWS, Math.ceil(2 ** 26 / part.shape[1])));
      for (let row = 0; row < part.shape[0]; row += blockRows) {
        await this.#turns.next();
        writer.appendRows(await part.rows(row, Math.min(blockRows, part.shape[0] - row)));
      }
      this.#tick();
    }
    await writer.finish();
  }

  async joinImages(
    chunks: readonly string[],
    headers: readonly NpyHeader[],
    path: string,
  ): Promise<void> {
    const [{ type, shape: [, ...rest] }] = headers;
    const count = headers.reduce((sum, { shape }) => sum + shape[0], 0);
    const file = await FileSession.open(this.#disk, path);
    try {
      await file.append(npyHeader(type, [count, ...rest]));
      for (const [i, chunk] of chunks.entries()) {
        await this.#copyValues(chunk, headers[i].offset, file);
        this.#tick();
      }
      await file.close();
    } catch (error) {
      await file.discard();
      await this.#disk.remove(path);
      throw error;
    }
  }

  async #copyValues(chunk: string, start: number, file: FileSession): Promise<void> {
    const { size } = (await this.#disk.stat(chunk))!;
    for (let at = start; at < size; at += BLOCK_BYTES) {
      await this.#turns.next();
      const bytes = await this.#disk.readRange(chunk, at, Math.min(BLOCK_BYTES, size - at));
      await file.append(bytes!);
    }
  }

  async joinSmall(chunks: readonly string[], path: string): Promise<void> {
    const texts: string[] = [], numbers: bigint[] = [];
    for (const chunk of chunks) {
      const array = parseNpy((await this.#disk.read(chunk))!, chunk);
      if ("texts" in array) texts.push(...array.texts);
      else for (const value of array.data) numbers.push(BigInt(value));
      this.#tick();
    }
    const count = texts.length + numbers.length;
    await this.#disk.write(
      path,
      texts.length > 0
        ? npyBytes({ texts, shape: [count], encoding: "unicode" })
        : npyBytes({ data: BigInt64Array.from(numbers), shape: [count] }),
    );
  }

  #tick(): void {
    this.#progress.update(++this.#done, this.#total, "chunks");
  }
}
