import { assertEquals } from "@std/assert";
import { readAnnDataZarr } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { openPoints } from "@/formats/spatialdata/mod.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { simulateSlide } from "@/simulate/mod.ts";
import { processSlide } from "@/stages/1_02_process_slide.ts";
import { withTempDir } from "../e2e/run_cli.ts";

/** Files of a bundle of 1.0 that each variant lacks. */
const LACKING = {
  "parquet": /^$/,
  "csv": /\.parquet$/,
  "no table but transcripts": /^(cells|cell_boundaries|nucleus_boundaries)\.(parquet|csv\.gz)$/,
} as const;

Deno.test("process_slide makes the same of csv and of cells.zarr.zip as of parquet", () =>
  withTempDir(async (folder) => {
    const whole = `${folder}/whole`;
    await simulateSlide(localDisk, whole, {
      slideId: "heart_s0",
      cells: 60,
      referenceCells: 20,
      morphologyCompression: "deflate",
      preset: "v1.0",
      tables: "both",
    });
    const results = [];
    for (const [name, lacking] of Object.entries(LACKING)) {
      const bundle = `${folder}/${name}`;
      await Deno.mkdir(bundle);
      for (const file of await localDisk.list(whole)) {
        if (!lacking.test(file)) await Deno.symlink(`${whole}/${file}`, `${bundle}/${file}`);
      }
      const slide = await Slide.open("test", {
        pipeline,
        out: `${folder}/out ${name}`,
        data: folder,
        sources: { bundle },
        limits: { memoryBytes: 2e9, threads: 1 },
      });
      await slide.run(processSlide);
      const { obs, var: features, X } = await readAnnDataZarr(
        localDisk,
        slide.resolve("tables/table_nuclei"),
      );
      const { rowCount } = await openPoints(localDisk, slide.resolve("points/st"));
      results.push({ obs, features, X, rowCount });
    }
    assertEquals(results[1], results[0]);
    assertEquals(results[2], results[0]);
    assertEquals(results[0].obs.index.length, 60);
  }));
