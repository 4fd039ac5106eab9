import { MemoryDisk } from "@/formats/disk/mod.ts";
import type { Bytes, Sample } from "./target.ts";

/** Folder of the fixtures, with the slash. */
export const FIXTURES = new URL("../fixtures/", import.meta.url).pathname;

/** A fixture's bytes. */
export function fixture(path: string): Promise<Bytes> {
  return Deno.readFile(FIXTURES + path);
}

/** A file of text. */
export function textFile(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** A file of JSON. */
export function jsonFile(value: unknown): Bytes {
  return textFile(JSON.stringify(value));
}

/** All files of a fixture's folder, below `root`. */
export async function fixtureFolder(path: string, root: string): Promise<Map<string, Bytes>> {
  const files = new Map<string, Bytes>();
  const collect = async (below: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(FIXTURES + path + below)) {
      if (isDirectory) await collect(`${below}/${name}`);
      else files.set(`${root}${below}/${name}`, await fixture(`${path}${below}/${name}`));
    }
  };
  await collect("");
  return new Map([...files].sort(([a], [b]) => a < b ? -1 : 1));
}

/** A disk that holds a sample. */
export function diskOf(files: Sample): MemoryDisk {
  const disk = new MemoryDisk();
  for (const [path, bytes] of files) disk.files.set(path, bytes);
  return disk;
}

let folder: string | undefined;
let written = 0;

/**
 * Writes a sample below a folder on the machine's disk, each time another one: native libraries
 * keep what they know of a path.
 *
 * @param use Is given the folder; `/a.h5` of the sample is `a.h5` below it.
 */
export async function withLocalFiles<T>(
  files: Sample,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  folder ??= await Deno.makeTempDir();
  const place = `${folder}/${written++}`;
  try {
    for (const [path, bytes] of files) {
      await Deno.mkdir((place + path).replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeFile(place + path, bytes);
    }
    return await use(place);
  } finally {
    await Deno.remove(place, { recursive: true }).catch(() => {});
  }
}
