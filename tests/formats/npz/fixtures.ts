import { MemoryDisk } from "@/formats/disk/mod.ts";

const FOLDER = "tests/fixtures/npz";

/** The values of an array as Python lists them. */
export interface ListedArray {
  readonly shape: number[];
  readonly values: (number | string | boolean)[];
}

/** What NumPy's arrays hold. */
export const LISTED = JSON.parse(Deno.readTextFileSync(`${FOLDER}/arrays.json`)) as {
  readonly arrays: Readonly<Record<string, ListedArray>>;
  readonly masks: ListedArray;
};

/** A fixture's bytes. */
export function fixture(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(`${FOLDER}/${name}`);
}

/** A disk with one file, `/x.npz`. */
export async function diskWith(bytes: Uint8Array): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await disk.write("/x.npz", bytes);
  return disk;
}
