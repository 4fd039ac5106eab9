import { sparseFault } from "@/core/sparse.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import {
  openTranscripts,
  openXeniumBundle,
  readBoundaries,
  readCellFeatureMatrix,
  readCells,
  readHeAlignment,
} from "@/formats/xenium/mod.ts";
import { TABLES } from "../../formats/xenium/synthetic_bundle.ts";
import { diskOf, fixture, jsonFile, textFile, withLocalFiles } from "../seed_files.ts";
import { type Bytes, expectThat, type NamedSample, type Target } from "../target.ts";
import { checkPolygons, sharedDuckDb } from "./parquet.ts";

/** The HDF5 file of counts. */
export const matrixH5: Target = {
  name: "matrix_h5",
  async seeds() {
    const names = ["matrix", "matrix_of_r"];
    return await Promise.all(names.map(async (name): Promise<NamedSample> => ({
      name,
      files: new Map([["/cell_feature_matrix.h5", await fixture(`xenium/${name}.h5`)]]),
    })));
  },
  read: (files) =>
    withLocalFiles(files, async (folder) => {
      const { cellIds, features, matrix, proteinScalingFactor } = await readCellFeatureMatrix(
        await openXeniumBundle(folder),
      );
      const fault = sparseFault(matrix);
      expectThat(fault === undefined, `a matrix with ${fault}`);
      expectThat(matrix.shape[0] === cellIds.length, "another number of cells");
      const columns = [features.ids, features.names, features.types];
      for (const texts of columns) expectThat(texts.length === matrix.shape[1], "features astray");
      return [cellIds, features, matrix, proteinScalingFactor];
    }),
};

/** Cells, boundaries and transcripts of a bundle, in parquet. */
export const xeniumTables: Target = {
  name: "xenium_tables",
  async seeds() {
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
    const folder = await Deno.makeTempDir();
    const files = new Map<string, Bytes>();
    for (const [name, query] of Object.entries(TABLES)) {
      await db.copyToParquet(query, `${folder}/${name}`);
      files.set(`/${name}`, await Deno.readFile(`${folder}/${name}`));
    }
    await Deno.remove(folder, { recursive: true });
    files.set("/experiment.xenium", jsonFile({ pixel_size: 0.2125 }));
    return [{ name: "three cells", files }];
  },
  read: (files) =>
    withLocalFiles(files, async (folder) => {
      const db = await sharedDuckDb();
      const bundle = await openXeniumBundle(folder);
      const { counts, ...cells } = await readCells(bundle, db);
      const lengths = [cells.xUm, cells.yUm, cells.cellAreaUm2, ...counts.values()];
      for (const { length } of lengths) expectThat(length === cells.cellIds.length, "cells astray");
      const boundaries = [];
      for (const kind of ["cell", "nucleus"] as const) {
        const read = await readBoundaries(bundle, db, kind, { invalid: "drop" });
        checkPolygons(read.polygons);
        boundaries.push(read);
      }
      const transcripts = await openTranscripts(bundle, db);
      const batches = [];
      for await (const batch of transcripts.stream({ columns: ["x", "y", "feature_code"] })) {
        batches.push(batch);
      }
      return [cells, counts, boundaries, await transcripts.features(), batches];
    }),
};

/** The bundle's manifest. */
export const xeniumManifest: Target = {
  name: "xenium_manifest",
  seeds: () =>
    Promise.resolve([{
      name: "manifest",
      files: new Map([["/b/experiment.xenium", jsonFile(MANIFEST)]]),
    }]),
  async read(files) {
    const { manifest } = await openXeniumBundle("/b", diskOf(files));
    const { pixelSizeUm } = manifest;
    expectThat(
      pixelSizeUm === undefined || Number.isFinite(pixelSizeUm),
      `pixels of ${pixelSizeUm}`,
    );
    return [pixelSizeUm, manifest.versionText, manifest.focusImage];
  },
};

const MANIFEST = {
  major_version: 5,
  minor_version: 0,
  pixel_size: 0.2125,
  run_name: "Demo",
  num_cells: 3,
  analysis_sw_version: "xenium-3.0.0.15",
  xenium_ranger: { version: "xenium-3.0.0.15" },
  images: { morphology_focus_filepath: "morphology_focus/morphology_focus_0000.ome.tif" },
};

/** The alignment of the H&E: a matrix or key points. */
export const heAlignment: Target = {
  name: "he_alignment",
  seeds: () =>
    Promise.resolve([
      { name: "matrix", files: new Map([["/m.csv", textFile("1.2,0.1,5\n-0.1,1.2,7\n0,0,1\n")]]) },
      {
        name: "key points",
        files: new Map([[
          "/m.csv",
          textFile(
            "fixedX,fixedY,alignmentX,alignmentY\n10,20,1,2\n30,25,3,4\n17,80,9,1\n55,41,5,7\n",
          ),
        ]]),
      },
    ]),
  async read(files) {
    const { map, source, residualsPx } = await readHeAlignment(diskOf(files), "/m.csv");
    expectThat(map.coefficients.every(Number.isFinite), `coefficients ${map.coefficients}`);
    expectThat(residualsPx.every(Number.isFinite), `residuals ${residualsPx}`);
    return [map.coefficients, source, residualsPx];
  },
};
