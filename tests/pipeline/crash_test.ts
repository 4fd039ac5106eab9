import { assert, assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import type { MemoryDisk } from "@/formats/disk/mod.ts";
import { repairSwap } from "@/pipeline/swap_folder.ts";
import { removeLeftovers } from "@/pipeline/run_stage.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import { FailingDisk, type Failure, FAILURES } from "./failing_disk.ts";
import {
  assembleToyStore,
  buildToySlide,
  openToySlide,
  snapshot,
  toyDisk,
  toyPipeline,
} from "./toy_pipeline.ts";

const STORE = "/out/toy/sdata_toy.zarr";
const FOLDER = slideFolder("/out", "toy");

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

async function failAt(k: number, failure: Failure, disk: MemoryDisk, params = {}): Promise<void> {
  const build = buildToySlide(new FailingDisk(disk, k, failure), params);
  if (failure === "full") {
    // A disk that fills up before the last rename or removal lets the build end well.
    await build.catch((error) => assert(isSthelarError(error, "DiskFailure"), error));
    return;
  }
  const error = await assertRejects(() => build, SthelarError);
  assert(isSthelarError(error, "DiskFailure"));
}

/** What no run needs: folders and files under names of their own while they are written. */
function leftovers(disk: MemoryDisk): string[] {
  return [...disk.files.keys()].filter((path) => /\/\.tmp-|\.(next|previous)(\/|$)/.test(path));
}

async function finish(disk: MemoryDisk, params = {}): Promise<void> {
  await removeLeftovers(disk, FOLDER);
  await buildToySlide(disk, params);
}

for (const failure of FAILURES) {
  Deno.test(`a build whose disk fails at any change (${failure}) is finished by the next one (spatialdata #827)`, async () => {
    const unbroken = snapshot(await builtDisk(), "/out");
    const changes = await changesOfBuild(() => Promise.resolve(toyDisk()));
    assert(changes > 15, `only ${changes} changes`);
    for (let k = 1; k <= changes; k++) {
      const disk = toyDisk();
      await failAt(k, failure, disk);
      await finish(disk);
      assertEquals(snapshot(disk, "/out"), unbroken, `failed at change ${k}`);
    }
  });

  Deno.test(`a rebuild whose disk fails at any change (${failure}) leaves the old store or the new one`, async () => {
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
      await failAt(k, failure, disk, params);
      await repairSwap(disk, FOLDER.store);
      const now = JSON.stringify(snapshot(disk, STORE));
      assert(
        now === JSON.stringify(before) || now === JSON.stringify(after),
        `failed at change ${k}`,
      );
      seen.add(now);
      await finish(disk, params);
      assertEquals(snapshot(disk, STORE), after, `failed at change ${k}`);
      assertEquals(leftovers(disk), [], `failed at change ${k}`);
    }
    assertEquals(seen.size, 2);
  });

  Deno.test(`a disk that fails while stages are forced (${failure}) loses no result`, async () => {
    const force = async (disk: FailingDisk | MemoryDisk) => {
      const slide = await openToySlide(disk);
      for (const stage of toyPipeline.stages) await slide.run(stage, { force: true });
      await assembleToyStore(slide);
    };
    const unbroken = snapshot(await builtDisk(), "/out");
    const counting = new FailingDisk(await builtDisk(), Infinity);
    await force(counting);
    for (let k = 1; k <= counting.changes; k++) {
      const disk = await builtDisk();
      await force(new FailingDisk(disk, k, failure)).catch((error) =>
        assert(isSthelarError(error, "DiskFailure"), error)
      );
      const artefacts = await disk.list("/out/toy/stages");
      if (failure === "once") {
        assertEquals(artefacts.filter((name) => !name.startsWith(".tmp-")).length, 2, `at ${k}`);
      }
      await finish(disk);
      assertEquals(snapshot(disk, "/out"), unbroken, `failed at change ${k}`);
      assertEquals(leftovers(disk), [], `failed at change ${k}`);
    }
  });
}

Deno.test("going back to earlier parameters after a kill leaves no folder behind", async () => {
  const params = { "1-01": { factor: 5 } };
  const changes = await changesOfBuild(builtDisk, params);
  for (let k = 1; k <= changes; k++) {
    const disk = await builtDisk();
    await failAt(k, "dead", disk, params);
    await finish(disk);
    assertEquals(leftovers(disk), [], `failed at change ${k}`);
  }
});

Deno.test("a stage that is killed leaves no artefact, only a folder that is removed later", async () => {
  const disk = toyDisk();
  await failAt(8, "dead", disk);
  const left = await disk.list("/out/toy/stages");
  assert(left.length === 1 && left[0].startsWith(".tmp-1-01-"), left.join());
  await finish(disk);
  assertEquals(leftovers(disk), []);
  assertEquals((await disk.list("/out/toy/stages")).length, 2);
});
