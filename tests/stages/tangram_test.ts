import { assert, assertEquals, assertRejects } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { parseParams } from "@/core/params.ts";
import { silentProgress } from "@/core/progress.ts";
import { Random } from "@/core/random.ts";
import type { Limits } from "@/core/stage.ts";
import {
  type AnnData,
  type DataFrame,
  openAnnDataZarr,
  writeAnnDataZarr,
  writeH5ad,
} from "@/formats/anndata/mod.ts";
import { openAtlas } from "@/formats/atlas/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { openXeniumBundle, type XeniumBundle } from "@/formats/xenium/mod.ts";
import { tangram } from "@/stages/2_02_tangram.ts";
import { withTempDir } from "../e2e/run_cli.ts";

const GENES = ["CD3E", "MS4A1", "KIT", "CD68"];
const PANEL = [...GENES, "NegControlProbe_00042"];
/** Each type has one gene of its own. */
const TYPES = ["T cell", "B cell", "Mast cell", "Macrophage"];

function tableOf(names: readonly string[], values: Float32Array, part: Partial<AnnData> = {}) {
  const rows = values.length / names.length;
  return {
    X: { data: values, shape: [rows, names.length] },
    obs: { index: Array.from({ length: rows }, (_, i) => `n${i}`), columns: new Map() },
    var: { index: names, columns: new Map() },
    ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
    ...part,
  } satisfies AnnData;
}

function csr(values: Float32Array, columns: number) {
  const stored = [...values.keys()].filter((k) => values[k] !== 0);
  const rows = values.length / columns;
  return {
    format: "csr" as const,
    shape: [rows, columns] as const,
    data: Float32Array.from(stored, (k) => values[k]),
    indices: Int32Array.from(stored, (k) => k % columns),
    indptr: Int32Array.from(
      { length: rows + 1 },
      (_, row) => stored.filter((k) => k < row * columns).length,
    ),
  };
}

/** Counts of rows of these types: many of a type's own gene, few of the others. */
function countsOf(types: readonly number[], columns: number): Float32Array {
  const values = new Float32Array(types.length * columns);
  types.forEach((type, row) => {
    for (let gene = 0; gene < GENES.length; gene++) {
      values[row * columns + gene] = gene === type ? 20 + row % 3 : (row + gene) % 2;
    }
  });
  return values;
}

interface Given {
  readonly nucleusTypes?: readonly number[];
  readonly nuclei?: Float32Array;
  readonly panel?: readonly string[];
  readonly cellTypes?: readonly (string | undefined)[];
  readonly cells?: Float32Array;
  /** Names of the reference's genes. */
  readonly genes?: readonly string[];
  readonly bundle?: XeniumBundle;
  readonly params?: Record<string, unknown>;
  readonly limits?: Limits;
}

const LIMITS: Limits = { memoryBytes: 2e9, threads: 1 };
const EPOCHS = 60;
const MIXED = Array.from({ length: 40 }, (_, i) => i % 4);

/** Runs the stage on small tables. */
async function run(given: Given = {}) {
  const { nucleusTypes = MIXED, panel = PANEL, limits = LIMITS, params = {}, genes = GENES } =
    given;
  const cellTypes = given.cellTypes ?? MIXED.slice(0, 24).map((type) => TYPES[type]);
  const disk = new MemoryDisk();
  const values = given.nuclei ?? countsOf(nucleusTypes, panel.length);
  await writeAnnDataZarr(disk, "/table", tableOf(panel, values, { X: csr(values, panel.length) }));
  const said: string[] = [], warnings: string[] = [];
  return await withTempDir(async (folder) => {
    const cells = given.cells ??
      countsOf(cellTypes.map((type) => TYPES.indexOf(type?.split("/")[0] ?? "T cell")), 4);
    const index = cellTypes.map((_, i) => `c${i}`);
    const obs = { index, columns: new Map([["ct", categorical(cellTypes)]]) };
    await writeH5ad(localDisk, `${folder}/ref.h5ad`, tableOf(genes, cells, { obs }));
    const result = await tangram.run(
      {
        reference: await openAtlas(`${folder}/ref.h5ad`, localDisk),
        nuclei: await openAnnDataZarr(disk, "/table"),
        bundle: given.bundle,
        truth: undefined,
      },
      parseParams("2-02", tangram.params, { epochs: EPOCHS, ...params }),
      {
        out: {},
        slide: { id: "tonsil_s0", simulated: false },
        random: new Random(1),
        progress: silentProgress,
        signal: new AbortController().signal,
        limits,
        scratch: "",
        checkpoints: { read: () => Promise.resolve(undefined), write: () => Promise.resolve() },
        inform: (message) => said.push(message),
        warn: (message) => warnings.push(message),
        note: () => {},
      },
    );
    const { levels, codes } = result.labels.value as ReturnType<typeof categorical>;
    const labels = Array.from(codes, (code) => levels[code]);
    return { ...result, labelTexts: labels, said, warnings };
  });
}

for (const mode of ["cells", "clusters"]) {
  Deno.test(`2-02 finds the type of nuclei that show it, by ${mode}`, async () => {
    const { labelTexts, scores, report, said, warnings } = await run({ params: { mode } });
    assertEquals(labelTexts, MIXED.map((type) => TYPES[type]));
    const { columns, index } = scores.value as DataFrame;
    assertEquals([[...columns.keys()], index.length], [TYPES, 40]);
    assertEquals(report.types.map(({ cells, mapped, nuclei }) => [cells, mapped, nuclei]), [
      ...Array(4).fill([6, 6, 10]),
    ]);
    assertEquals([report.genes, report.agreement], [{ panel: 4, shared: 4 }, null]);
    const [bag] = report.bags;
    assertEquals([bag.nuclei, bag.genes, bag.epochs], [40, 4, EPOCHS]);
    assert(bag.geneScore.at(-1)! > bag.geneScore[0] && bag.kl.length === EPOCHS);
    const announced = `x 40 nuclei in 1 bag, 4 genes, ${EPOCHS} epochs: about 0.4 GB`;
    assert(said[0].includes(announced) && said[0].endsWith(" on cpu, 1 thread"), said[0]);
    assertEquals(warnings, []);
  });
}

Deno.test("2-02 keeps columns for types that were not drawn, and leaves cells without type out", async () => {
  const cellTypes = [undefined, "Mast cell", ...Array(30).fill("T cell"), "B cell"];
  const { scores, report } = await run({ cellTypes, params: { referenceCells: 3 } });
  const { columns } = scores.value as DataFrame;
  assertEquals([...columns.keys()], ["Mast cell", "T cell", "B cell"]);
  const absent = report.types.filter(({ mapped }) => mapped === 0);
  assert(absent.length > 0);
  for (const { name, nuclei } of absent) {
    assertEquals(nuclei, 0);
    assert((columns.get(name) as Float32Array).every((score) => score === 0));
  }
  assertEquals(report.constantTypes, absent.map(({ name }) => name));
  const stratified = await run({
    cellTypes,
    params: { referenceCells: 3, sampling: "stratified" },
  });
  assertEquals(stratified.report.types.map(({ mapped }) => mapped), [1, 1, 1]);
});

Deno.test("2-02 maps a type of one cell if it is drawn, and keeps an empty column if not", async () => {
  const common = Array.from({ length: 30 }, (_, i) => TYPES[i % 2]);
  const cellTypes = ["Mast cell", ...common, "Macrophage"];
  const drawn = await run({ cellTypes, nucleusTypes: MIXED });
  assertEquals(
    drawn.report.types.map(({ name, cells, mapped, nuclei }) => [name, cells, mapped, nuclei]),
    [
      ["Mast cell", 1, 1, 10],
      ["T cell", 15, 15, 10],
      ["B cell", 15, 15, 10],
      ["Macrophage", 1, 1, 10],
    ],
  );
  assertEquals(drawn.labelTexts, MIXED.map((type) => TYPES[type]));
  const { report, scores } = await run({ cellTypes, params: { referenceCells: 16 } });
  const single = report.types.filter(({ cells }) => cells === 1);
  assertEquals(single.map(({ mapped }) => mapped).sort(), [0, 1], "the seed draws one of the two");
  const { columns } = scores.value as DataFrame;
  for (const { name, mapped, nuclei } of single) {
    const total = (columns.get(name) as Float32Array).reduce((sum, score) => sum + score, 0);
    assert(Math.abs(total - mapped) < 1e-5, `${name}: ${total}`);
    assertEquals([nuclei > 0, report.constantTypes.includes(name)], [mapped > 0, mapped === 0]);
  }
});

Deno.test("2-02 writes columns that a store accepts for types with a slash", async () => {
  const cellTypes = MIXED.slice(0, 24).map((type) => type === 1 ? "B cell/plasma" : TYPES[type]);
  const { scores, labelTexts, report } = await run({ cellTypes });
  assertEquals([...(scores.value as DataFrame).columns.keys()][1], "B cell_plasma");
  assertEquals([report.types[1].column, report.types[1].name], ["B cell_plasma", "B cell/plasma"]);
  assertEquals(labelTexts[1], "B cell/plasma");
});

Deno.test("2-02 labels nuclei without transcripts too, and counts them", async () => {
  const nuclei = countsOf(MIXED, PANEL.length).fill(0, 0, 2 * PANEL.length);
  const { report, labelTexts, warnings } = await run({ nuclei });
  assertEquals(report.emptyNuclei, 2);
  assertEquals(warnings, ["2 nuclei without transcripts are labelled too"]);
  assert(labelTexts.every((label) => TYPES.includes(label)));
});

Deno.test("2-02 maps in bags as even as can be, the same for the same seed", async () => {
  const params = { bagSize: 15, epochs: 30 };
  const [first, second] = await Promise.all([run({ params }), run({ params })]);
  assertEquals(first.report.bags.map(({ nuclei }) => nuclei), [14, 13, 13]);
  assertEquals(first.scores, second.scores);
});

Deno.test("2-02 stops on a plateau if it is told to, and says so", async () => {
  const { report } = await run({ params: { epochs: 2000, plateau: 0.02 } });
  assert(report.bags[0].stoppedEarly && report.bags[0].epochs < 2000);
});

Deno.test("2-02 refuses what does not fit, and what it names fits (Tangram #88)", async () => {
  const memoryBytes = 350.8e6;
  const params = { epochs: 1 };
  const nucleusTypes = Array.from({ length: 900 }, (_, i) => i % 4);
  const limits = { ...LIMITS, memoryBytes };
  const error = await assertRejects(() => run({ limits, nucleusTypes, params }), SthelarError);
  assert(isSthelarError(error, "OverBudget"), error.message);
  const bagSize = /bagSize=(\d+)/.exec(error.message)![1];
  await run({ limits, nucleusTypes, params: { ...params, bagSize } });
  await assertRejects(
    () => run({ limits: { ...LIMITS, memoryBytes: 1e8 } }),
    SthelarError,
    "use a larger machine",
  );
});

Deno.test("2-02 names a bag without transcripts", async () => {
  const nuclei = countsOf([0], PANEL.length).fill(0);
  await assertRejects(() => run({ nuclei }), SthelarError, "bag 1 of 1: found no transcript");
  const controls = countsOf([0], PANEL.length).fill(0);
  controls[4] = 7;
  await assertRejects(() => run({ nuclei: controls }), SthelarError, "no gene with counts");
  const second = countsOf(MIXED.slice(0, 4), PANEL.length).fill(0, PANEL.length, 2 * PANEL.length);
  const params = { bagSize: 1, epochs: 1 };
  const error = await assertRejects(() => run({ nuclei: second, params }), SthelarError);
  assert(/bag [1-4] of 4: found no transcript in any of 1 nuclei/.test(error.message));
  assert(error.remedy?.includes("bagSize"), error.remedy);
});

Deno.test("2-02 refuses a table without nuclei", async () => {
  await assertRejects(() => run({ nucleusTypes: [] }), SthelarError, "at least one nucleus");
});

Deno.test("2-02 refuses a reference of other genes with the heads of both lists", async () => {
  const panel = ["EPCAM", "KRT8", "VIM", "ACTA2", "DES"];
  const { message } = await assertRejects(() => run({ panel }), SthelarError, "no gene in both");
  assert(message.includes('the atlas has "CD3E", "MS4A1", "KIT", "CD68"'), message);
  assert(message.includes('the panel "EPCAM", "KRT8", "VIM", "ACTA2", "DES"'), message);
});

Deno.test("2-02 matches genes in other letters, and says so", async () => {
  const panel = ["Cd3e", "Ms4a1", "Kit", "Cd68", "NegControlProbe_00042"];
  const { labelTexts, said } = await run({ panel });
  assertEquals(labelTexts, MIXED.map((type) => TYPES[type]));
  assert(said.includes("4 of 4 shared genes have the same name in other letters"), said.join());
});

Deno.test("2-02 matches Ensembl ids if the bundle tells those of the panel, and says so", async () => {
  const genes = ["ENSG00000198851", "ENSG00000156738", "ENSG00000157404", "ENSG00000129226"];
  const { remedy } = await assertRejects(() => run({ genes }), SthelarError, "no gene in both");
  assert(remedy?.includes("the bundle's count matrix would tell those of the panel"), remedy);
  const { labelTexts, said } = await run({ genes, bundle: await bundleOf(genes) });
  assertEquals(labelTexts, MIXED.map((type) => TYPES[type]));
  assert(said.includes("4 of 4 shared genes are matched by their Ensembl id"), said.join());
});

/** A bundle whose count matrix names the Ensembl ids of the panel. */
async function bundleOf(ids: readonly string[]): Promise<XeniumBundle> {
  const disk = new MemoryDisk();
  const write = (name: string, text: string) =>
    disk.write(`/outs/cell_feature_matrix/${name}`, new TextEncoder().encode(text));
  await write("barcodes.tsv", "aaaaaaaa-1\n");
  await write("features.tsv", ids.map((id, i) => `${id}\t${GENES[i]}\tGene Expression\n`).join(""));
  await write("matrix.mtx", "%%MatrixMarket matrix coordinate integer general\n4 1 1\n1 1 7\n");
  return await openXeniumBundle("/outs", disk);
}

Deno.test("2-02 refuses an unknown label key with the nearest name", async () => {
  const params = { labelKey: "cd" };
  await assertRejects(() => run({ params }), SthelarError, 'did you mean "ct"');
});

Deno.test("2-02 refuses log-normalised values, unless they are asked for", async () => {
  const cells = countsOf(MIXED.slice(0, 24), 4).map(Math.log1p);
  await assertRejects(() => run({ cells }), SthelarError, "looks like log1p of counts");
  const { labelTexts } = await run({ cells, params: { anyValues: true } });
  assertEquals(labelTexts, MIXED.map((type) => TYPES[type]));
});

for (const value of [-1, NaN]) {
  Deno.test(`2-02 names a count of ${value}`, async () => {
    const nuclei = countsOf(MIXED, PANEL.length);
    nuclei[2 * PANEL.length + 1] = value;
    const place = `found ${value} in nucleus "n2", "MS4A1"`;
    await assertRejects(() => run({ nuclei }), SthelarError, place);
    const cells = countsOf(MIXED.slice(0, 24), 4);
    cells[5] = value;
    await assertRejects(() => run({ cells, params: { anyValues: true } }), SthelarError, "cell 1");
  });
}

Deno.test("2-02 names bag, epoch and gene at the first value that is not finite", async () => {
  const nuclei = countsOf(MIXED, PANEL.length);
  nuclei[0] = 1e30;
  const params = { bagSize: 20 };
  const error = await assertRejects(() => run({ nuclei, params }), SthelarError);
  assert(
    /bag [12] of 2: Stopped Tangram in epoch 1: .*"CD3E"/.test(error.message),
    error.message,
  );
});
