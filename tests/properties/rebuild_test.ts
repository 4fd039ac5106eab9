import { assert, assertEquals } from "@std/assert";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { simulateTinyBundle } from "../e2e/killed_builds.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { withoutMeasurements } from "../pipeline/without_measurements.ts";
import { MountedDisk } from "./mounted_disk.ts";

/** Every file that all stages of both chapters make, records without the measured fields. */
async function build(bundle: string): Promise<Map<string, Uint8Array | string>> {
  const disk = new MountedDisk(bundle);
  const slide = await Slide.open("tiny", {
    ...{ pipeline, disk, out: "/out", data: "/data" },
    sources: { bundle },
    params: { "2-02": { epochs: 20 }, "2-06": { epochs: 2 } },
    limits: { memoryBytes: 3e9, threads: 2 },
  });
  for (const { stage, action } of slide.plan) if (action !== "skip") await slide.run(stage);
  return new Map(
    [...disk.files].map(([path, bytes]) => [
      path,
      /(manifest|artefact)\.json$/.test(path)
        ? withoutMeasurements(new TextDecoder().decode(bytes))
        : bytes,
    ]),
  );
}

Deno.test("a slide that is built twice has the same bytes, chapter 2 included", () =>
  withTempDir(async (folder) => {
    const bundle = await simulateTinyBundle(`${folder}/bundle`);
    const first = await build(bundle), second = await build(bundle);
    assert([...first.keys()].some((path) => path.includes("/2-10-")), "chapter 2 was not built");
    assertEquals([...second.keys()].sort(), [...first.keys()].sort());
    for (const [path, content] of first) assertEquals(second.get(path), content, path);
  }));
