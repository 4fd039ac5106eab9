import { assert, assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { openDuckDb, quoteText } from "@/formats/parquet/mod.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { processSlide } from "@/stages/1_02_process_slide.ts";
import { simulateTinyBundle } from "../e2e/killed_builds.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { MountedDisk } from "./mounted_disk.ts";

/** Files of a bundle, and a query for another order of their rows that means the same. */
const REORDERED = [
  { name: "transcripts.parquet", order: "hash(transcript_id)" },
  // Vertices of one cell stay together, in their order around it.
  { name: "nucleus_boundaries.parquet", order: "hash(cell_id), file_row_number" },
] as const;

async function reorder(bundle: string, name: string, order: string): Promise<void> {
  using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
  const [path, next] = [`${bundle}/${name}`, `${bundle}/reordered`];
  await db.copyToParquet(
    `select * exclude (file_row_number) from read_parquet(${
      quoteText(path)
    }, file_row_number = true) order by ${order}`,
    next,
  );
  await Deno.rename(next, path);
}

/** The table of nuclei and their shapes, and the transcripts without their order. */
async function results(bundle: string, threads: number) {
  const disk = new MountedDisk(bundle);
  const slide = await Slide.open("tiny", {
    ...{ pipeline, disk, out: "/out", data: "/data" },
    sources: { bundle },
    limits: { memoryBytes: 2e9, threads },
  });
  await slide.run(processSlide);
  const root = slide.resolve("tables/table_nuclei").replace(/tables\/.*$/, "");
  return new Map(
    [...disk.files].flatMap(([path, bytes]) =>
      path.startsWith(root) && !path.endsWith("part.0.parquet")
        ? [[path.slice(root.length), bytes] as const]
        : []
    ),
  );
}

Deno.test("process_slide: the order of transcripts and nuclei, and the threads, change nothing (sopa #389)", () =>
  withTempDir(async (folder) => {
    const bundle = await simulateTinyBundle(`${folder}/bundle`);
    const before = await results(bundle, 1);
    assert(before.size > 50 && before.has("shapes/nucleus_boundaries/shapes.parquet"));
    for (const { name, order } of REORDERED) {
      const bytes = await localDisk.read(`${bundle}/${name}`);
      await reorder(bundle, name, order);
      assert((await localDisk.read(`${bundle}/${name}`))?.join() !== bytes?.join());
    }
    const after = await results(bundle, 2);
    assertEquals([...after.keys()].sort(), [...before.keys()].sort());
    for (const [path, bytes] of before) assertEquals(after.get(path), bytes, path);
  }));
