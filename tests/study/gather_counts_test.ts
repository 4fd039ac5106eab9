import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { openStore } from "@/pipeline/open_store.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { COUNT_INPUTS, gatherCounts, truthOfRows } from "@/study/gather_counts.ts";
import { mixingOf } from "@/study/joint_space.ts";
import { defineStudyStep, Study } from "@/study/mod.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { type AnnotatedRow, buildAnnotatedSlide, openMadeStudy } from "./annotated_slides.ts";
import { writePublishedStore } from "./published_store.ts";

/** A step that writes what was gathered. */
const gatherStep = defineStudyStep({
  id: "2-06s",
  name: "gather",
  version: 1,
  doc: "Gathers counts.",
  inputs: COUNT_INPUTS,
  params: {},
  async run(slides, _params, ctx) {
    const { file, genes, slides: gathered, transcripts } = await gatherCounts(slides, 3, ctx);
    using _file = file;
    const columns = Int32Array.from(genes, (_, column) => column);
    const rows = Array.from({ length: file.rows }, (_, row) => {
      const dense = new Float32Array(genes.length);
      file.addRow(row, dense, 0, columns);
      return [...dense];
    });
    const found = {
      genes,
      rows,
      transcripts: [...transcripts],
      kept: gathered.map(({ rows }) => [...rows]),
      sums: gathered.map(({ geneSums }) => [...geneSums]),
      truth: (await truthOfRows(gathered[0])) ?? "unknown",
    };
    const path = ctx.files.add("tables", "found.json", "what was found");
    await ctx.files.disk.write(path, new TextEncoder().encode(JSON.stringify(found)));
    return { figures: [] };
  },
});

const rowsOf = (n: number): AnnotatedRow[] =>
  Array.from({ length: n }, (_, i) => [String(i), "T", "T", "normal_cell", "T_NK"]);

async function gathered(study: Study) {
  await study.run("2-06s");
  return JSON.parse(await Deno.readTextFile(`${study.filesOf("2-06s")}/tables/found.json`));
}

Deno.test("gatherCounts() takes cells with enough transcripts over the union of the slides' genes", async () => {
  await withTempDir(async (root) => {
    await buildAnnotatedSlide(localDisk, root, "heart_s0", {
      ...{ nuclei: rowsOf(1), cells: rowsOf(3), truth: { "0": "T_NK", "2": "Myeloid" } },
      counts: { genes: ["A", "B"], rows: [[5, 0], [1, 2], [0, 9]] },
    });
    await buildAnnotatedSlide(localDisk, root, "skin_s2", {
      ...{ nuclei: rowsOf(1), cells: rowsOf(2) },
      counts: { genes: ["C", "B"], rows: [[4, 4], [0, 0]] },
    });
    const found = await gathered(await openMadeStudy(localDisk, root, [gatherStep]));
    assertEquals(found, {
      genes: ["A", "B", "C"],
      rows: [[5, 0, 0], [0, 9, 0], [0, 4, 4]],
      transcripts: [5, 3, 9, 8, 0],
      kept: [[0, 2], [0]],
      sums: [[5, 9, 0], [0, 4, 4]],
      truth: ["T_NK", "Myeloid"],
    });
  });
});

Deno.test("gatherCounts() takes the layer of counts of a published store, whose X is transformed", async () => {
  await withTempDir(async (root) => {
    const store = `${root}/sdata_heart_s0.zarr`;
    await writePublishedStore(store);
    const out = `${root}/out`;
    await openStore(store, { pipeline, out, disk: localDisk });
    const study = await Study.open("made", {
      ...{ pipeline, steps: [gatherStep], out, data: `${root}/data`, slides: ["all"] },
    });
    const { rows, transcripts, kept } = await gathered(study);
    kept[0].forEach((row: number, i: number) => {
      const sum = rows[i].reduce((a: number, b: number) => a + b, 0);
      assertEquals(sum, transcripts[row]);
    });
  });
});

Deno.test("gatherCounts() refuses counts that are none", async () => {
  await withTempDir(async (root) => {
    await buildAnnotatedSlide(localDisk, root, "heart_s0", {
      ...{ nuclei: rowsOf(1), cells: rowsOf(1) },
      counts: { genes: ["A", "B"], rows: [[2.5, 2]] },
    });
    const study = await openMadeStudy(localDisk, root, [gatherStep]);
    await assertRejects(() => study.run("2-06s"), SthelarError, "scVI needs raw counts");
  });
});

Deno.test("mixingOf() counts neighbours of other slides, against chance", () => {
  const nearest = {
    indices: Int32Array.of(0, 1, 2, 1, 0, 3, 2, 3, 0, 3, 2, 1),
    distances: new Float32Array(12),
    neighbours: 3,
    rows: 4,
  };
  const { observed, expected } = mixingOf(nearest, Int32Array.of(0, 0, 1, 1));
  assertAlmostEquals(observed, 4 / 8);
  assertAlmostEquals(expected, 0.5);
});
