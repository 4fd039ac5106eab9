import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { defineStage } from "@/core/stage.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { identity, openImage, toMatrix } from "@/formats/spatialdata/mod.ts";
import { imageOutput } from "@/formats/spatialdata/stage_elements.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { checkResolution, type ResolutionReport } from "@/stages/1_01_check_resolution.ts";
import { alignHe, type AlignHeReport } from "@/stages/1_03_align_he.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { budget } from "./planting.ts";
import { testDataRoot, testWithData } from "../test_data.ts";

const PANCREAS = "xenium_pancreas_roiA";
const HE = "pseudo_he_image.ome.tif";
const CSV = "pseudo_he_imagealignment.csv";

/** Extent of the region's morphology, px. */
const MORPHOLOGY = { width: 2000, height: 2000 };
/** The morphology of the region, empty: an H&E is laid on its extent. */
const plantMorphology = defineStage({
  id: "1-02",
  name: "plant_morphology",
  version: 1,
  doc: "Plants a morphology image.",
  inputs: {},
  outputs: { morpho: imageOutput("morpho") },
  params: {},
  budget,
  async run(_inputs, _params, ctx) {
    const { width, height } = MORPHOLOGY;
    const writer = await ctx.out.morpho.create({
      ...{ shape: [1, height, width], dtype: "uint16", channels: ["DAPI"] },
      ...{ tile: [1, height, width], transformations: new Map([["global", identity]]) },
      pyramid: { kind: "given", sizes: [] },
    });
    await writer.writeTile({ row: 0, column: 0 }, new Uint16Array(width * height));
    return {};
  },
});

const stages = [checkResolution, plantMorphology, alignHe];
const pipeline = definePipeline(stages);

interface Opened {
  readonly slide: Slide;
  readonly warnings: string[];
}

/** Opens the slide with an H&E and a csv text, and runs every stage. */
async function withHe(
  bundle: string,
  given: { he?: string; csv?: string; manifest?: string },
  use: (opened: Opened) => Promise<void>,
): Promise<void> {
  await withTempDir(async (folder) => {
    const copy = `${folder}/bundle`;
    await Deno.mkdir(copy);
    for await (const { name, isDirectory } of Deno.readDir(bundle)) {
      if (name === HE || name === CSV) continue;
      if (name === "experiment.xenium" && given.manifest !== undefined) {
        await Deno.writeTextFile(`${copy}/${name}`, given.manifest);
      } else {await Deno.symlink(
          `${bundle}/${name}`,
          `${copy}/${name}`,
          { type: isDirectory ? "dir" : "file" },
        );}
    }
    if (given.csv !== undefined) await Deno.writeTextFile(`${folder}/a.csv`, given.csv);
    const slide = await Slide.open("test", {
      ...{ pipeline, out: `${folder}/out`, data: folder },
      sources: {
        bundle: copy,
        ...(given.he === undefined ? {} : { he: given.he }),
        ...(given.csv === undefined ? {} : { "he-alignment": `${folder}/a.csv` }),
      },
      limits: { memoryBytes: 2e9, threads: 1 },
    });
    const warnings: string[] = [];
    for (const stage of stages) {
      if (slide.planned(stage).action === "skip") continue;
      await slide.run(stage, { warn: (message) => warnings.push(message) });
    }
    await use({ slide, warnings });
  });
}

async function report<T>(slide: Slide, name: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(`${slide.resolve(`reports/${name}`)}.json`));
}

const matrix = (bundle: string) => Deno.readTextFile(`${bundle}/${CSV}`);

testWithData(PANCREAS, "the H&E keeps its levels and gets the affine of the csv", async (path) => {
  const bundle = await Deno.realPath(path);
  const csv = await matrix(bundle);
  await withHe(bundle, { he: `${bundle}/${HE}`, csv }, async ({ slide, warnings }) => {
    const he = await openImage(localDisk, slide.resolve("images/he"));
    assertEquals(he.channels, ["r", "g", "b"]);
    assertEquals(he.levels.map(({ shape }) => [...shape]), [
      [3, 1632, 1632],
      [3, 816, 816],
      [3, 408, 408],
    ]);
    const rows = csv.trim().split("\n").map((line) => line.split(",").map(Number));
    assertEquals(toMatrix(he.transformations.get("global")!) as unknown, rows);
    assertEquals(warnings, []);
    const found = await report<AlignHeReport>(slide, "align_he");
    assertAlmostEquals(found.umPerPixel, 0.2738, 1e-6);
    assertEquals([found.alignment, found.isMirrored, found.coverage], ["matrix", false, 1]);
    assertAlmostEquals(slide.manifest.stages["1-01"].facts.heUmPerPixel as number, 0.2738, 1e-6);
  });
});

testWithData(
  PANCREAS,
  "without an H&E its stage is skipped, and says what is missing",
  async (path) => {
    const bundle = await Deno.realPath(path);
    await withHe(bundle, {}, async ({ slide }) => {
      const planned = slide.plan.find(({ stage }) => stage.id === "1-03")!;
      assertEquals([planned.action, planned.reason], ["skip", "there is no H&E image (--he)"]);
      assertEquals((await report<ResolutionReport>(slide, "check_resolution")).he, null);
    });
  },
);

testWithData(PANCREAS, "a mirrored scan is accepted and said", async (path) => {
  const bundle = await Deno.realPath(path);
  const csv = "-1.2882,0,2050\n0,1.2882,0\n0,0,1\n";
  await withHe(bundle, { he: `${bundle}/${HE}`, csv }, async ({ slide, warnings }) => {
    assertEquals(warnings, ["the H&E is mirrored: kept as it is"]);
    assertEquals((await report<AlignHeReport>(slide, "align_he")).isMirrored, true);
  });
});

testWithData(
  PANCREAS,
  "an H&E without alignment, of another scale than the morphology, is asked for its alignment",
  async (path) => {
    const bundle = await Deno.realPath(path);
    await withHe(bundle, { he: `${bundle}/${HE}` }, async ({ slide, warnings }) => {
      assertEquals(warnings[0].split(": ")[1], "is there an alignment (--he-alignment)?");
      const { he } = await report<ResolutionReport>(slide, "check_resolution");
      assertEquals([he!.alignment, he!.umPerPixel], ["identity", 0.2125]);
    });
  },
);

testWithData(
  PANCREAS,
  "an H&E whose metadata contradicts the alignment is said, the alignment used",
  async (path) => {
    const bundle = await Deno.realPath(path);
    const csv = "1.4,0,0\n0,1.4,0\n0,0,1\n";
    await withHe(bundle, { he: `${bundle}/${HE}`, csv }, async ({ slide, warnings }) => {
      assertEquals(warnings, [
        "the H&E says 0.2738 um a pixel, its alignment 0.2975: the alignment is used",
      ]);
      const { he } = await report<ResolutionReport>(slide, "check_resolution");
      assertAlmostEquals(he!.umPerPixel, 0.2975, 1e-9);
    });
  },
);

testWithData(
  PANCREAS,
  "an H&E of another size than the alignment implies is refused",
  async (path) => {
    const bundle = await Deno.realPath(path);
    const csv = "0.6441,0,0\n0,0.6441,0\n0,0,1\n";
    const error = await assertRejects(
      () => withHe(bundle, { he: `${bundle}/${HE}`, csv }, () => Promise.resolve()),
      SthelarError,
      "it covers 28 % of it",
    );
    assert(error.remedy!.includes("full resolution"));
  },
);

for (
  const [csv, says] of [
    ["1,0,0\n0,1,0\n", "three rows of three numbers"],
    ["1,2,0\n2,4,0\n0,0,1\n", "determinant is not 0"],
    ["0.01,0,0\n0,0.01,0\n0,0,1\n", "um a pixel"],
  ] as const
) {
  testWithData(PANCREAS, `a bad alignment is refused: ${JSON.stringify(csv)}`, async (path) => {
    const bundle = await Deno.realPath(path);
    await assertRejects(
      () => withHe(bundle, { he: `${bundle}/${HE}`, csv }, () => Promise.resolve()),
      SthelarError,
      says,
    );
  });
}

testWithData(PANCREAS, "a fluorescence image is refused as H&E", async (path) => {
  const bundle = await Deno.realPath(path);
  const he = `${bundle}/morphology_focus/morphology_focus_0000.ome.tif`;
  await assertRejects(
    () => withHe(bundle, { he }, () => Promise.resolve()),
    SthelarError,
    "found 1 channels of uint16, expected red, green and blue of uint8",
  );
});

testWithData(PANCREAS, "a single-level H&E gets a pyramid", async (path) => {
  const bundle = await Deno.realPath(path);
  const he = `${testDataRoot}/he_instanseg/HE_example.tif`;
  await withHe(bundle, { he: await Deno.realPath(he) }, async ({ slide, warnings }) => {
    const image = await openImage(localDisk, slide.resolve("images/he"));
    assertEquals(image.levels.map(({ shape }) => [...shape]), [[3, 1484, 1380], [3, 742, 690]]);
    assertEquals(warnings.length, 2);
    assertEquals(warnings[1], "the H&E covers only 51 % of the morphology");
  });
});

testWithData(PANCREAS, "a manifest that contradicts the image stops the run", async (path) => {
  const bundle = await Deno.realPath(path);
  await assertRejects(
    () => withHe(bundle, { manifest: '{"pixel_size": 0.35}' }, () => Promise.resolve()),
    SthelarError,
    "found 0.35 um in experiment.xenium, 0.2125 um in the image",
  );
});
