import { assert, assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { simulateTinyBundle } from "../e2e/killed_builds.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { withoutMeasurements } from "../pipeline/without_measurements.ts";

/** Every file that all stages make, records without the measured fields. */
async function build(bundle: string, out: string): Promise<Map<string, Uint8Array | string>> {
  const slide = await Slide.open("tiny", {
    ...{ pipeline, disk: localDisk, out, data: `${out}/data` },
    sources: { bundle },
    params: { "2-02": { epochs: 20 }, "2-06": { epochs: 2 } },
    limits: { memoryBytes: 3e9, threads: 2 },
  });
  for (const { stage, action } of slide.plan) if (action !== "skip") await slide.run(stage);
  const files = new Map<string, Uint8Array | string>();
  for await (const path of filesBelow(out)) {
    const bytes = await Deno.readFile(path);
    const isRecord = /(manifest|artefact)\.json$/.test(path);
    files.set(path, isRecord ? withoutMeasurements(new TextDecoder().decode(bytes)) : bytes);
  }
  await Deno.remove(out, { recursive: true });
  return files;
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesBelow(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

Deno.test("a slide that is built twice has the same bytes, every chapter included", () =>
  withTempDir(async (folder) => {
    const bundle = await simulateTinyBundle(`${folder}/bundle`);
    const out = `${folder}/out`;
    const first = await build(bundle, out), second = await build(bundle, out);
    for (const chapter of ["2-10", "3-01", "3-03"]) {
      assert([...first.keys()].some((path) => path.includes(`/${chapter}-`)), chapter);
    }
    assertEquals([...second.keys()].sort(), [...first.keys()].sort());
    for (const [path, content] of first) assertEquals(second.get(path), content, path);
  }));
