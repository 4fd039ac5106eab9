import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { openZip, ZipWriter } from "@/formats/zip/mod.ts";
import { type NpyArray, npyBytes, parseNpy } from "./npy.ts";

/**
 * Reads an `.npz` file that lies in memory.
 *
 * @param path For messages.
 * @returns The arrays by name, without the `.npy` of their entries.
 * @throws {SthelarError} `CorruptData` or `UnsupportedVersion`.
 */
export async function parseNpz(
  bytes: Uint8Array,
  path: string,
): Promise<ReadonlyMap<string, NpyArray>> {
  const disk = new MemoryDisk();
  await disk.write(path, bytes);
  const archive = await openZip(disk, path);
  const arrays = new Map<string, NpyArray>();
  for (const name of archive.entries.keys()) {
    if (!name.endsWith(".npy")) continue;
    arrays.set(name.slice(0, -4), parseNpy(await archive.read(name), `${path}/${name}`));
  }
  return arrays;
}

/**
 * The content of an `.npz` file.
 *
 * @param arrays By name, in the order of the entries.
 * @param compressed As `np.savez_compressed` does, or not as `np.savez`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { npzBytes, parseNpz } from "@/formats/npz/mod.ts";
 *
 * const bytes = await npzBytes({ x: { data: Int32Array.of(1, 2), shape: [2] } }, true);
 * assertEquals((await parseNpz(bytes, "a.npz")).get("x")?.shape, [2]);
 * ```
 */
export async function npzBytes(
  arrays: Readonly<Record<string, NpyArray>>,
  compressed: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new ZipWriter({
    append: (bytes) => Promise.resolve(void parts.push(bytes.slice())),
  });
  const method = compressed ? "deflate" : "stored";
  for (const [name, array] of Object.entries(arrays)) {
    await zip.add(`${name}.npy`, npyBytes(array), { method, level: 6 });
  }
  await zip.finish();
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** An array of numbers of an `.npz` file, of so many axes. */
export function numbersOf(
  arrays: ReadonlyMap<string, NpyArray>,
  name: string,
  axes: number,
  path: string,
): DenseArray {
  const array = arrays.get(name);
  if (array !== undefined && "data" in array && array.shape.length === axes) return array;
  throw new SthelarError("CorruptData", {
    action: `Cannot read "${name}.npy" of "${path}"`,
    found: array === undefined ? "no such entry" : `an array of ${array.shape.length} axes`,
    expected: `numbers on ${axes} axes`,
    path,
  });
}
