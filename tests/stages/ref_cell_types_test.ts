import { assert, assertEquals, assertRejects } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import { silentProgress } from "@/core/progress.ts";
import {
  type AnnData,
  openAnnDataZarr,
  writeAnnDataZarr,
  writeH5ad,
} from "@/formats/anndata/mod.ts";
import { openAtlas } from "@/formats/atlas/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { openXeniumBundle } from "@/formats/xenium/mod.ts";
import { findReference } from "@/pipeline/references.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { simulateSlide } from "@/simulate/mod.ts";
import { refCellTypes, type RefCellTypesReport } from "@/stages/2_01_ref_cell_types.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { testWithData } from "../test_data.ts";

type Params = Parameters<typeof refCellTypes.run>[1];

const DEFAULTS: Params = { labelKey: undefined, matrix: undefined, anyValues: false };
const PANEL = ["CD3E", "MS4A1", "KIT", "NegControlProbe_00042", "BLANK_0414"];

function tableOf(names: readonly string[], part: Partial<AnnData>): AnnData {
  return {
    obs: { index: [], columns: new Map() },
    var: { index: names, columns: new Map() },
    ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
    ...part,
  };
}

/** Runs the stage on an atlas and a panel, and gathers what it says. */
async function run(
  atlas: string,
  panel: readonly string[] = PANEL,
  params: Partial<Params> = {},
  slide = "lymph_node_s0",
  bundlePath?: string,
): Promise<{ report: RefCellTypesReport; warnings: string[]; facts: Record<string, unknown> }> {
  const disk = new MemoryDisk();
  await writeAnnDataZarr(disk, "/table", tableOf(panel, {}));
  const warnings: string[] = [], facts: Record<string, unknown> = {};
  const { report } = await refCellTypes.run(
    {
      reference: await openAtlas(atlas, localDisk),
      nuclei: await openAnnDataZarr(disk, "/table"),
      bundle: bundlePath === undefined ? undefined : await openXeniumBundle(bundlePath),
    },
    { ...DEFAULTS, ...params },
    {
      out: {},
      slide: { id: slide, simulated: false },
      random: new Random(1),
      progress: silentProgress,
      signal: new AbortController().signal,
      limits: { memoryBytes: 1e9, threads: 1 },
      scratch: "",
      checkpoints: { read: () => Promise.resolve(undefined), write: () => Promise.resolve() },
      inform: () => {},
      warn: (message) => warnings.push(message),
      note: (name, value) => facts[name] = value,
    },
  );
  return { report, warnings, facts };
}

/** Writes a reference whose cells are of these types; cell i has i + 1 counts of gene i modulo 3. */
async function withReference(
  types: readonly (string | undefined)[],
  use: (path: string) => Promise<void>,
  genes: readonly string[] = ["CD3E", "ms4a1", "VIM"],
): Promise<void> {
  await withTempDir(async (folder) => {
    const values = new Float32Array(types.length * 3);
    types.forEach((_, i) => values[3 * i + i % 3] = i + 1);
    const index = types.map((_, i) => `c${i}`);
    await writeH5ad(
      localDisk,
      `${folder}/ref.h5ad`,
      tableOf(genes, {
        X: { data: values, shape: [types.length, 3] },
        obs: { index, columns: new Map([["ct", categorical(types)]]) },
      }),
    );
    await use(`${folder}/ref.h5ad`);
  });
}

Deno.test("2-01 counts types, names their labels and says what it cannot use", () =>
  withReference(["B cell", "B cell", "T cell", undefined, "Strange"], async (path) => {
    const { report, warnings, facts } = await run(path);
    assertEquals(report.types.map(({ name, cells, label1, by }) => [name, cells, label1, by]), [
      ["B cell", 2, "B", "name"],
      ["Strange", 1, "Unknown", "none"],
      ["T cell", 1, "T", "name"],
    ]);
    assertEquals(report.types[0].share, 0.5);
    assertEquals([report.labelKey, report.matrix.name, report.unlabelledCells], ["ct", "X", 1]);
    assertEquals(report.genes, {
      ...{ panel: 3, controls: 2, atlas: 3, shared: { name: 1, case: 1, id: 0 } },
      ...{ onlyInPanel: ["KIT"], duplicates: [] },
    });
    assertEquals(facts, { reference: "ref.h5ad", referenceTypes: 3, sharedGenes: 2 });
    assertEquals(warnings, [
      "1 cells of the reference have no type: left out",
      "1 types are in no list of labels and count as Unknown: Strange",
      "2 types have a single cell: Strange, T cell",
      "1 genes match in other letters alone",
    ]);
  }));

Deno.test("2-01 refuses a reference of other genes, and an unknown column", () =>
  withReference(["B cell", "T cell"], async (path) => {
    await assertRejects(() => run(path, ["MPO", "KIT"]), SthelarError, '"MPO", "KIT"');
    const unknown = () => run(path, PANEL, { labelKey: "cd" });
    await assertRejects(unknown, SthelarError, 'did you mean "ct"');
  }));

testWithData(
  "sc_lymphnode",
  "2-01 on the lymph node reference and a real panel",
  async (folder) => {
    const bundle = await Deno.realPath(`${folder}/../xenium_pancreas_roiA`);
    const names = ["CD3E", "KIT", "ABCC11", "NegControlCodeword_0500"];
    const { report, warnings } = await run(
      `${folder}/lymph_ref.h5ad`,
      names,
      {},
      "lymph_node_s0",
      bundle,
    );
    assertEquals(report.types.length, 11);
    assert(report.types.every(({ cells, by }) => cells === 30 && by === "name"));
    assertEquals([report.genes.panel, report.genes.controls], [3, 1]);
    assertEquals(report.genes.onlyInPanel, ["ABCC11"]);
    assertEquals(warnings, []);
  },
);

testWithData(
  "sc_pbmc68k",
  "2-01 refuses log-normalised values with the matrices looked at",
  async (folder) => {
    const path = `${folder}/pbmc68k_reduced_modern.h5ad`;
    const refused = () => run(path, PANEL, { labelKey: "bulk_labels" });
    const error = await assertRejects(refused, SthelarError, "looks like log1p of counts");
    assertEquals(error.tag, "InvalidArgument");
    const { report, warnings } = await run(path, ["CD3E", "KIT", "MS4A1"], {
      labelKey: "bulk_labels",
      matrix: "raw/X",
      anyValues: true,
    });
    assertEquals(report.matrix.name, "raw/X");
    assert(warnings.some((text) => text.startsWith("raw/X holds no counts")), warnings.join("\n"));
  },
);

Deno.test("a simulated slide finds the reference beside its bundle; 2-01 runs on it", () =>
  withTempDir(async (folder) => {
    const simulate = async (to: string) => {
      await simulateSlide(localDisk, to, {
        slideId: "heart_s0",
        cells: 80,
        referenceCells: 60,
        morphologyCompression: "deflate",
      });
    };
    const options = { pipeline, out: `${folder}/out`, data: `${folder}/data` };
    const limits = { memoryBytes: 2e9, threads: 1 };
    const slide = await Slide.open("heart_s0", { ...options, limits, simulate });
    assert(slide.sources.reference.endsWith("/reference.h5ad"));
    for (const { stage } of slide.plan.filter(({ stage }) => stage.id <= "2-01")) {
      await slide.run(stage);
    }
    const { types, genes } = JSON.parse(
      await Deno.readTextFile(`${slide.resolve("reports/ref_cell_types")}.json`),
    ) as RefCellTypesReport;
    assertEquals(types.reduce((sum, { cells }) => sum + cells, 0), 60);
    assert(genes.panel > 200 && genes.shared.name === genes.panel);
    assertEquals(genes.atlas, 377);
    assert(types.some(({ label1 }) => label1 === "Cardiomyocyte"));
    // The user's own reference of the tissue comes first.
    await Deno.mkdir(`${folder}/data/references`, { recursive: true });
    const own = `${folder}/data/references/disco_heart_v01.h5ad`;
    await Deno.copyFile(slide.sources.reference, own);
    const { bundle } = slide.sources;
    assertEquals(await findReference(localDisk, options.data, "heart_s0", bundle), own);
    assertEquals(await findReference(localDisk, options.data, "skin_s1", undefined), undefined);
  }));
