import { assert } from "@std/assert";
import { type Categorical, categorical } from "@/core/categorical.ts";
import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { openAnnDataZarr, readElement, writeH5ad } from "@/formats/anndata/mod.ts";
import { readProfiles } from "@/formats/atlas/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { processSlide } from "@/stages/1_02_process_slide.ts";
import { tangram } from "@/stages/2_02_tangram.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { testWithData } from "../test_data.ts";

/** Genes of the panel that the field knows these cells by. */
const MARKERS: Readonly<Record<string, readonly string[]>> = {
  "acinar.cell": ["GATM", "AQP8", "ANPEP"],
  "pancreatic.ductal.cell": ["KRT7", "CFTR", "EHF", "TM4SF4"],
};

/** Cells of each type whose counts scatter around the type's mean: the profiles have no cells. */
async function writeReference(profiles: string, path: string): Promise<void> {
  const { types, genes, values } = await readProfiles(localDisk, profiles);
  const random = new Random("pancreas");
  const each = 50, depth = 20_000, width = genes.names.length;
  const data = new Float32Array(types.length * each * width);
  types.forEach((_, type) => {
    const means = values.subarray(type * width, (type + 1) * width);
    const total = means.reduce((sum, mean) => sum + mean, 0);
    for (let cell = 0; cell < each; cell++) {
      for (let gene = 0; gene < width; gene++) {
        const mean = depth * means[gene] / total;
        const count = Math.round(mean + Math.sqrt(mean) * random.normal());
        data[(type * each + cell) * width + gene] = Math.max(0, count);
      }
    }
  });
  const labels = types.flatMap((type) => Array<string>(each).fill(type));
  await writeH5ad(localDisk, path, {
    X: { data, shape: [labels.length, width] },
    obs: {
      index: labels.map((_, i) => `c${i}`),
      columns: new Map([["cell_type", categorical(labels)]]),
    },
    var: { index: genes.names, columns: new Map() },
    ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
  });
}

testWithData(
  "xenium_pancreas_roiA",
  "2-02 finds acinar and ductal cells of a real pancreas where their markers are",
  (bundle) =>
    withTempDir(async (folder) => {
      const profiles = await Deno.realPath(`${bundle}/../sc_profiles/Pancreas_HCA.parquet`);
      await writeReference(profiles, `${folder}/reference.h5ad`);
      const slide = await Slide.open("pancreatic_roi", {
        ...{ pipeline, out: `${folder}/out`, data: folder },
        sources: {
          bundle: await Deno.realPath(bundle),
          reference: `${folder}/reference.h5ad`,
        },
        params: { "2-02": { epochs: 150 } },
        limits: { memoryBytes: 2e9, threads: 2 },
      });
      await slide.run(processSlide);
      await slide.run(tangram);
      const table = await openAnnDataZarr(localDisk, slide.resolve("tables/table_nuclei"));
      const { codes, levels } = await readElement(
        localDisk,
        slide.resolve("tables/table_nuclei/obs/ct_tangram"),
      ) as Categorical;
      const features = await table.varNames();
      const X = await table.csrRows(0, codes.length);
      // Seen: 2.9 and 2.6; 302 and 301 of 1779 nuclei.
      for (const [type, genes] of Object.entries(MARKERS)) {
        const code = levels.indexOf(type);
        const columns = new Set(genes.map((gene) => features.indexOf(gene)));
        const [inside, outside] = [true, false].map((isInside) =>
          shareOf(X, columns, (row) => (codes[row] === code) === isInside)
        );
        assert(inside > 2 * outside, `${type}: ${inside} against ${outside}`);
      }
    }),
);

/** Share of the counts of some rows that lies in these columns. */
function shareOf(
  { data, indices, indptr, shape }: SparseMatrix,
  columns: ReadonlySet<number>,
  takes: (row: number) => boolean,
): number {
  let all = 0, chosen = 0;
  for (let row = 0; row < shape[0]; row++) {
    if (!takes(row)) continue;
    for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
      all += Number(data[k]);
      if (columns.has(Number(indices[k]))) chosen += Number(data[k]);
    }
  }
  return chosen / all;
}
