import { assert, assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import type { MemoryDisk } from "@/formats/disk/mod.ts";
import { repairSwap } from "@/pipeline/assemble.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import { FailingDisk } from "./failing_disk.ts";
import { buildToySlide, snapshot, toyDisk } from "./toy_pipeline.ts";

const STORE = "/out/toy/sdata_toy.zarr";

async function builtDisk(params = {}): Promise<MemoryDisk> {
  const disk = toyDisk();
  await buildToySlide(disk, params);
  return disk;
}

async function changesOfBuild(prepare: () => Promise<MemoryDisk>, params = {}): Promise<number> {
  const counting = new FailingDisk(await prepare(), Infinity);
  await buildToySlide(counting, params);
  return counting.changes;
}

async function dieAt(k: number, disk: MemoryDisk, params = {}): Promise<void> {
  const error = await assertRejects(
    () => buildToySlide(new FailingDisk(disk, k), params),
    SthelarError,
  );
  assert(isSthelarError(error, "DiskFailure"));
}

Deno.test("a build that dies at any change of the disk is finished by the next one", async () => {
  const unbroken = snapshot(await builtDisk(), STORE);
  const changes = await changesOfBuild(() => Promise.resolve(toyDisk()));
  assert(changes > 15, `only ${changes} changes`);
  for (let k = 1; k <= changes; k++) {
    const disk = toyDisk();
    await dieAt(k, disk);
    await buildToySlide(disk);
    assertEquals(snapshot(disk, STORE), unbroken, `died at change ${k}`);
  }
});

Deno.test("a rebuild that dies at any change leaves the old store or the new one", async () => {
  const params = { "1-01": { factor: 5 } };
  const before = snapshot(await builtDisk(), STORE);
  const after = await builtDisk().then(async (disk) => {
    await buildToySlide(disk, params);
    return snapshot(disk, STORE);
  });
  const changes = await changesOfBuild(builtDisk, params);
  const seen = new Set<string>();
  for (let k = 1; k <= changes; k++) {
    const disk = await builtDisk();
    await dieAt(k, disk, params);
    await repairSwap(disk, slideFolder("/out", "toy"));
    const now = JSON.stringify(snapshot(disk, STORE));
    assert(now === JSON.stringify(before) || now === JSON.stringify(after), `died at change ${k}`);
    seen.add(now);
    await buildToySlide(disk, params);
    assertEquals(snapshot(disk, STORE), after, `died at change ${k}`);
  }
  assertEquals(seen.size, 2);
});

Deno.test("a stage that is killed leaves no artefact, only a folder that is removed later", async () => {
  const disk = toyDisk();
  await dieAt(8, disk);
  const left = await disk.list("/out/toy/stages");
  assert(left.length === 1 && left[0].startsWith(".tmp-1-01-"), left.join());
  await buildToySlide(disk);
  const names = await disk.list("/out/toy/stages");
  assertEquals(names.filter((name) => name.startsWith(".tmp-")), []);
  assertEquals(names.length, 2);
});
