import { assertEquals } from "@std/assert";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { assembleFiles } from "@/pipeline/assemble_files.ts";
import { artefactFolder, slideFolder } from "@/pipeline/slide_folder.ts";
import { FailingDisk } from "./failing_disk.ts";

const FOLDER = slideFolder("/out", "toy");
const bytes = (text: string) => new TextEncoder().encode(text);

interface Artefact {
  readonly id: string;
  readonly key: string;
  readonly nodes: readonly string[];
  readonly facts: Readonly<Record<string, never>>;
}

function artefact(id: string, key: string, nodes: readonly string[]): Artefact {
  return { id, key, nodes, facts: {} };
}

const MODEL = artefact("2-06", "aaaabbbbcccc", ["models/scvi", "tables/table_scvi"]);
const PATCHES = artefact("3-01", "ddddeeeeffff", ["patches/xenium", "reports/build_patches"]);
const OTHER_PATCHES = artefact("3-01", "111122223333", PATCHES.nodes);

async function slideDisk(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (const { id, key } of [MODEL, PATCHES, OTHER_PATCHES]) {
    const root = `${artefactFolder(FOLDER, id, key)}/nodes`;
    const file = id === "2-06" ? "models/scvi.safetensors" : "patches/xenium/patch_ids.npy";
    await disk.write(`${root}/${file}`, bytes(`${file} of ${key}`));
    await disk.write(`${root}/reports/report.json`, bytes("{}"));
  }
  return disk;
}

async function textOf(disk: MemoryDisk, name: string): Promise<string | undefined> {
  const read = await disk.read(`${FOLDER.files}/${name}`);
  return read && new TextDecoder().decode(read);
}

Deno.test("assembleFiles() names models and patches without the keys of their stages", async () => {
  const disk = await slideDisk();
  assertEquals(await assembleFiles(disk, FOLDER, [MODEL, PATCHES]), true);
  assertEquals(await disk.list(FOLDER.files), ["content.json", "models", "patches"]);
  assertEquals(
    await textOf(disk, "models/scvi.safetensors"),
    "models/scvi.safetensors of aaaabbbbcccc",
  );
  assertEquals(await assembleFiles(disk, FOLDER, [MODEL, PATCHES]), false);
});

Deno.test("assembleFiles() follows the artefacts that count, and drops what is no longer there", async () => {
  const disk = await slideDisk();
  await assembleFiles(disk, FOLDER, [MODEL, PATCHES]);
  assertEquals(await assembleFiles(disk, FOLDER, [OTHER_PATCHES]), true);
  assertEquals(await disk.list(FOLDER.files), ["content.json", "patches"]);
  assertEquals(
    await textOf(disk, "patches/xenium/patch_ids.npy"),
    "patches/xenium/patch_ids.npy of 111122223333",
  );
});

Deno.test("assembleFiles() makes no folder for a slide that has no such files", async () => {
  const disk = await slideDisk();
  const tables = artefact("1-02", "0123456789ab", ["tables/table_nuclei"]);
  assertEquals(await assembleFiles(disk, FOLDER, [tables]), false);
  assertEquals(await disk.stat(FOLDER.files), undefined);
});

Deno.test("a disk that fails at any change of assembleFiles() leaves nothing half-way", async () => {
  const start = async () => {
    const disk = await slideDisk();
    await assembleFiles(disk, FOLDER, [MODEL, PATCHES]);
    return disk;
  };
  const counting = new FailingDisk(await start(), Infinity);
  await assembleFiles(counting, FOLDER, [MODEL, OTHER_PATCHES]);
  for (let k = 1; k <= counting.changes; k++) {
    const disk = await start();
    await assembleFiles(new FailingDisk(disk, k), FOLDER, [MODEL, OTHER_PATCHES]).catch(() => {});
    await assembleFiles(disk, FOLDER, [MODEL, OTHER_PATCHES]);
    assertEquals(
      await textOf(disk, "patches/xenium/patch_ids.npy"),
      "patches/xenium/patch_ids.npy of 111122223333",
      `failed at change ${k}`,
    );
    assertEquals(await disk.list(FOLDER.root), ["files", "stages"], `failed at change ${k}`);
  }
});
