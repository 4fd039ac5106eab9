import { assert } from "@std/assert";
import { type AnnData, readAnnDataZarr } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { readShapes, type Shapes } from "@/formats/spatialdata/mod.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { processSlide } from "@/stages/1_02_process_slide.ts";
import { addCells, type AddCellsReport } from "@/stages/2_04_add_cells.ts";

/** What stages 1-02 and 2-04 make of a bundle. */
export interface Added {
  readonly nuclei: AnnData;
  readonly nucleusShapes: Shapes;
  readonly table: AnnData;
  readonly shapes: Shapes;
  readonly report: AddCellsReport;
}

/** Builds the nuclei and the cells of a bundle. */
export async function addedCells(
  bundle: string,
  out: string,
  params: Record<string, unknown> = {},
): Promise<Added> {
  const slide = await Slide.open("test", {
    pipeline,
    out,
    data: out,
    sources: { bundle: await Deno.realPath(bundle) },
    params: { "1-02": { invalidPolygons: "drop" }, "2-04": params },
    limits: { memoryBytes: 2e9, threads: 1 },
  });
  await slide.run(processSlide);
  await slide.run(addCells);
  const report = await Deno.readTextFile(`${slide.resolve("reports/add_cells")}.json`);
  return {
    nuclei: await readAnnDataZarr(localDisk, slide.resolve("tables/table_nuclei")),
    nucleusShapes: await readShapes(localDisk, slide.resolve("shapes/nucleus_boundaries")),
    table: await readAnnDataZarr(localDisk, slide.resolve("tables/table_cells")),
    shapes: await readShapes(localDisk, slide.resolve("shapes/cell_boundaries")),
    report: JSON.parse(report) as AddCellsReport,
  };
}

/** A column of texts. */
export function texts({ obs }: AnnData, column: string): readonly string[] {
  return obs.columns.get(column) as readonly string[];
}

/** Rows of X as counts by name of the column. */
export function countsByRow({ X, var: { index } }: AnnData): Record<string, number>[] {
  assert(X !== undefined && "indptr" in X);
  const { data, indices, indptr } = X;
  return Array.from({ length: X.shape[0] }, (_, row) => {
    const counts: Record<string, number> = {};
    for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
      counts[index[Number(indices[k])]] = Number(data[k]);
    }
    return counts;
  });
}

/** Vertices of each geometry's rings. */
export function ringsOf({ geometries }: Shapes): string[][] {
  assert(geometries.kind === "polygons");
  const { xy, ringStart, polygonStart, geometryStart } = geometries.polygons;
  return Array.from({ length: geometryStart.length - 1 }, (_, g) => {
    const rings: string[] = [];
    for (let r = polygonStart[geometryStart[g]]; r < polygonStart[geometryStart[g + 1]]; r++) {
      rings.push(xy.subarray(2 * ringStart[r], 2 * ringStart[r + 1]).join(" "));
    }
    return rings.sort();
  });
}
