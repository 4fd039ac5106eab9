import { assertEquals, assertRejects } from "@std/assert";
import { defineStage } from "@/core/stage.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { removeLeftovers } from "@/pipeline/run_stage.ts";
import { Slide } from "@/pipeline/slide.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import { jsonOutput, numbersInput, toyDisk } from "./toy_pipeline.ts";

const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

/** A stage of three parts that stops before part `stopAt`; `seen` lists the parts it computes. */
function threeParts(seen: number[], stopAt?: number) {
  return defineStage({
    id: "1-01",
    name: "parts",
    version: 1,
    doc: "Three parts.",
    inputs: { numbers: numbersInput },
    outputs: { sum: jsonOutput<number>("tables/sum") },
    params: {},
    budget: () => ({ memoryBytes: 0, seconds: 0 }),
    async run({ numbers }, _params, { checkpoints }) {
      let sum = 0;
      for (const [i, value] of numbers.entries()) {
        if (i === stopAt) throw new Error("stopped");
        const kept = text(await checkpoints.read(`part-${i}`));
        if (kept === undefined) {
          seen.push(i);
          await checkpoints.write(`part-${i}`, new TextEncoder().encode(String(10 * value)));
        }
        sum += kept === undefined ? 10 * value : Number(kept);
      }
      return { sum };
    },
  });
}

async function runParts(disk: MemoryDisk, seen: number[], stopAt?: number): Promise<void> {
  const stage = threeParts(seen, stopAt);
  const slide = await Slide.open("toy", {
    ...{ pipeline: definePipeline([stage]), out: "/out", data: "/data", disk },
    sources: { bundle: "/bundle" },
    limits: { memoryBytes: 1e9, threads: 1 },
  });
  await slide.run(stage, { force: true });
}

const keptFiles = (disk: MemoryDisk) =>
  [...disk.files.keys()].filter((path) => path.includes("/.kept-"));

Deno.test("a stage takes over what an unfinished run of the same key has kept", async () => {
  const disk = toyDisk(), seen: number[] = [];
  await assertRejects(() => runParts(disk, seen, 2), Error, "stopped");
  assertEquals(keptFiles(disk).length, 2);
  await removeLeftovers(disk, slideFolder("/out", "toy"));
  await runParts(disk, seen);
  assertEquals(seen, [0, 1, 2]);
  assertEquals(keptFiles(disk), []);
  const sum = [...disk.files].find(([path]) => path.endsWith("tables/sum/value.json"));
  assertEquals(text(sum?.[1]), "60");
});

Deno.test("a stage of another key does not take it over, and removes it in the end", async () => {
  const disk = toyDisk(), seen: number[] = [];
  await assertRejects(() => runParts(disk, seen, 2), Error, "stopped");
  await disk.write("/bundle/numbers.json", new TextEncoder().encode("[40, 5, 6]"));
  await runParts(disk, seen);
  assertEquals(seen, [0, 1, 0, 1, 2]);
  assertEquals(keptFiles(disk), []);
});

Deno.test("what a finished stage has kept is removed with other leftovers", async () => {
  const disk = toyDisk();
  await runParts(disk, []);
  const [artefact] = await disk.list("/out/toy/stages");
  await disk.write(`/out/toy/stages/.kept-${artefact}/part-0`, new Uint8Array(1));
  await removeLeftovers(disk, slideFolder("/out", "toy"));
  assertEquals(await disk.list("/out/toy/stages"), [artefact]);
});
