import { assert, assertEquals } from "@std/assert";
import { readAnnDataZarr } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import { openImage, openPoints, readShapes, toMatrix } from "@/formats/spatialdata/mod.ts";
import { openTranscripts, openXeniumBundle, readCells } from "@/formats/xenium/mod.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import type { ProcessSlideReport } from "@/stages/process_slide_report.ts";
import { processSlide } from "@/stages/1_02_process_slide.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { testWithData } from "../test_data.ts";

async function withProcessed(
  bundle: string,
  use: (slide: Slide) => Promise<void>,
  params: Record<string, unknown> = {},
  threads = 1,
): Promise<void> {
  await withTempDir(async (out) => {
    const slide = await Slide.open("test", {
      pipeline,
      out,
      data: out,
      sources: { bundle: await Deno.realPath(bundle) },
      params: { "1-02": params },
      limits: { memoryBytes: 2e9, threads },
    });
    await slide.run(processSlide);
    await use(slide);
  });
}

async function readReport(slide: Slide): Promise<ProcessSlideReport> {
  return JSON.parse(await Deno.readTextFile(`${slide.resolve("reports/process_slide")}.json`));
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

testWithData(
  "xenium_pancreas_roiA",
  "process_slide of a kit bundle",
  (bundle, t) =>
    withProcessed(bundle, async (slide) => {
      await t.step("makes every element of a kit bundle", async () => {
        const morpho = await openImage(localDisk, slide.resolve("images/morpho"));
        assertEquals(morpho.levels.map(({ shape }) => [...shape]), [
          [4, 2000, 2000],
          [4, 1000, 1000],
          [4, 500, 500],
          [4, 250, 250],
          [4, 125, 125],
        ]);
        assertEquals(morpho.channels[0], "DAPI");
        const points = await openPoints(localDisk, slide.resolve("points/st"));
        assertEquals(points.rowCount, 98_010);
        assertEquals([...points.transformations.keys()].sort(), ["_st_intrinsic", "global"]);
        const nuclei = await readShapes(localDisk, slide.resolve("shapes/nucleus_boundaries"));
        assertEquals(nuclei.ids[1778], "aaaaagpc-1");
        assertEquals(toMatrix(nuclei.transformations.get("global")!)[0][0], 1 / 0.2125);
      });
      await t.step("accounts for every transcript", async () => {
        const { transcripts } = await readReport(slide);
        const table = await readAnnDataZarr(localDisk, slide.resolve("tables/table_nuclei"));
        assert(table.X !== undefined && "indptr" in table.X);
        assertEquals(transcripts.inNucleus + transcripts.outside, 98_010);
        assertEquals(sum(table.X.data as Int32Array), transcripts.inNucleus);
        assertEquals(table.X.shape, [1779, 495]);
      });
      await t.step("keeps the 10x id beside its own", async () => {
        const { obs } = await readAnnDataZarr(localDisk, slide.resolve("tables/table_nuclei"));
        assertEquals([...obs.columns.keys()], [
          "region",
          "slide",
          "cell_id",
          "area",
          "xenium_cell_id",
        ]);
        const ids = obs.columns.get("xenium_cell_id") as readonly string[];
        using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
        const cells = await readCells(await openXeniumBundle(bundle), db);
        assert(ids.every((id) => cells.cellIds.includes(id)));
        assertEquals(ids, ids.toSorted());
        assertEquals(obs.index[0], "aaaaaaaa-1");
      });
    }),
);

testWithData(
  "xenium_pancreas_roiA",
  "process_slide with parity adds the empty channel",
  (bundle) =>
    withProcessed(bundle, async (slide) => {
      const morpho = await openImage(localDisk, slide.resolve("images/morpho"));
      assertEquals(morpho.channels.at(-1), "dummy");
      const { data } = await morpho.readRegion(4, {
        y0: 0,
        y1: 125,
        x0: 0,
        x1: 125,
        c: [4, 5],
      });
      assertEquals(sum(data as Uint16Array), 0);
    }, { parity: true }),
);

testWithData(
  "xenium_ileum_tiny_outs",
  "process_slide with minQv counts good transcripts only",
  (bundle) =>
    withProcessed(bundle, async (slide) => {
      const { transcripts } = await readReport(slide);
      using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
      const all = await openTranscripts(await openXeniumBundle(bundle), db);
      let good = 0;
      for await (const { rowCount } of all.stream({ columns: ["x"], minQv: 20 })) good += rowCount;
      assert(good < all.rowCount);
      assertEquals(transcripts.lowQuality, all.rowCount - good);
      assertEquals(transcripts.inNucleus + transcripts.outside, good);
    }, { minQv: 20 }),
);

testWithData(
  "xenium_ileum_tiny_outs",
  "process_slide gives the same bytes for any number of threads",
  async (bundle) => {
    const outputs = await Promise.all([1, 2].map(async (threads) => {
      let files: Record<string, string> = {};
      await withProcessed(
        bundle,
        async (slide) => {
          files = await hashTree(slide.resolve("images/morpho"));
          Object.assign(files, await hashTree(slide.resolve("tables/table_nuclei")));
        },
        {},
        threads,
      );
      return files;
    }));
    assert(Object.keys(outputs[0]).length > 20);
    assertEquals(outputs[0], outputs[1]);
  },
);

async function hashTree(root: string, below = ""): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${below}`)) {
    const path = below === "" ? name : `${below}/${name}`;
    if (isDirectory) Object.assign(result, await hashTree(root, path));
    else {
      const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(`${root}/${path}`));
      result[path] = new Uint8Array(digest).toHex();
    }
  }
  return result;
}
