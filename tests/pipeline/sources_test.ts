import { assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { findSources } from "@/pipeline/sources.ts";
import { withTempDir } from "../e2e/run_cli.ts";

/** Finds the sources of a slide whose files these are, below the folder of what users bring. */
async function sourcesOf(
  files: readonly string[],
  given: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  return await withTempDir(async (data) => {
    const json = new TextEncoder().encode("{}");
    for (const file of files) await localDisk.write(`${data}/${file}`, json);
    const found = await findSources(localDisk, {
      ...{ slide: "heart_s0", data, remembered: {} },
      given: Object.fromEntries(
        Object.entries(given).map(([name, file]) => [name, `${data}/${file}`]),
      ),
      simulate: () => Promise.resolve(undefined),
    });
    return Object.fromEntries(
      Object.entries(found).map(([name, path]) => [name, path.replace(`${data}/`, "")]),
    );
  });
}

const BUNDLE = "xenium/heart_s0/outs/experiment.xenium";

Deno.test("predictions are found beside the bundle under their published name", async () => {
  const bundle = "xenium/heart_s0/outs";
  for (const folder of ["xenium/heart_s0", bundle]) {
    const predictions = `${folder}/instance_map_predictions_heart_s0.h5`;
    assertEquals(await sourcesOf([BUNDLE, predictions]), { bundle, predictions });
  }
  const other = "xenium/heart_s0/instance_map_predictions_skin_s1.h5";
  assertEquals(await sourcesOf([BUNDLE, other]), { bundle });
});

Deno.test("predictions that are named come before those beside the bundle", async () => {
  const beside = "xenium/heart_s0/instance_map_predictions_heart_s0.h5", predictions = "mine.h5";
  const found = await sourcesOf([BUNDLE, beside, predictions], { predictions });
  assertEquals(found.predictions, predictions);
});
