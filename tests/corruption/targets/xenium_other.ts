import { sparseFault } from "@/core/sparse.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import {
  openTranscripts,
  openXeniumBundle,
  readBoundaries,
  readCellFeatureMatrix,
  readCells,
  type XeniumBundle,
} from "@/formats/xenium/mod.ts";
import { openZip, ZipWriter } from "@/formats/zip/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { gzipSync } from "node:zlib";
import { TABLES } from "../../formats/xenium/synthetic_bundle.ts";
import { diskOf, fixture, FIXTURES, withLocalFiles } from "../seed_files.ts";
import { type Bytes, expectThat, type NamedSample, type Sample, type Target } from "../target.ts";
import { checkPolygons, sharedDuckDb } from "./parquet.ts";

/** Counts as MEX: three texts, compressed or not. */
export const matrixMex: Target = {
  name: "matrix_mex",
  async seeds() {
    const names = ["barcodes.tsv", "features.tsv", "matrix.mtx"];
    const packed = new Map<string, Bytes>();
    for (const name of names) {
      packed.set(`/b/cell_feature_matrix/${name}.gz`, await fixture(`xenium/mex/${name}.gz`));
    }
    const plain = new Map<string, Bytes>();
    for (const [path, bytes] of packed) plain.set(path.slice(0, -3), await gunzip(bytes));
    return [{ name: "gzip", files: packed }, { name: "plain", files: plain }];
  },
  hostile: () =>
    Promise.resolve([
      mex("a line of 200 MB", gzipOf("%%MatrixMarket matrix coordinate integer general\n", 2e8)),
      mex(
        "2^31 counts",
        gzipOf("%%MatrixMarket matrix coordinate integer general\n1 1 2147483648\n", 0),
      ),
    ]),
  read: (files) => readMatrix(files),
};

function mex(name: string, matrix: Bytes): NamedSample {
  const folder = "/b/cell_feature_matrix";
  return {
    name,
    files: new Map([
      [`${folder}/barcodes.tsv.gz`, gzipOf("aaaaaaaa-1\n", 0)],
      [`${folder}/features.tsv.gz`, gzipOf("ENSG1\tCD3E\tGene Expression\n", 0)],
      [`${folder}/matrix.mtx.gz`, matrix],
    ]),
  };
}

/** A text, then so many zeros, packed a thousand to one. */
function gzipOf(text: string, zeros: number): Bytes {
  const content = new Uint8Array(text.length + zeros);
  content.set(new TextEncoder().encode(text));
  return new Uint8Array(gzipSync(content));
}

async function gunzip(bytes: Bytes): Promise<Bytes> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Counts in zarr; each file in the archive is changed and packed again with its checksum. */
export const matrixZarr: Target = {
  name: "matrix_zarr",
  seeds: async () => [await unpacked("matrix")],
  read: async (files) => await readMatrix(await packed(files, "/b/cell_feature_matrix.zarr.zip")),
};

/** Cells and boundaries of `cells.zarr.zip` of three versions, changed and packed again. */
export const cellsZarr: Target = {
  name: "cells_zarr",
  seeds: () => Promise.all(["cells_1_0", "cells_1_3", "cells_2_0"].map(unpacked)),
  async read(files) {
    const bundle = await openXeniumBundle("/b", diskOf(await packed(files, "/b/cells.zarr.zip")));
    return await readCellsAndBoundaries(bundle);
  },
};

async function unpacked(name: string): Promise<NamedSample> {
  const archive = await openZip(localDisk, `${FIXTURES}xenium/${name}.zarr.zip`);
  const files = new Map<string, Bytes>();
  for (const entry of archive.entries.keys()) {
    if (!entry.endsWith("/")) files.set(`/${entry}`, await archive.read(entry));
  }
  return { name, files };
}

async function packed(files: Sample, path: string): Promise<Sample> {
  const parts: Bytes[] = [];
  const writer = new ZipWriter({
    append: (bytes: Uint8Array) => Promise.resolve(void parts.push(new Uint8Array(bytes))),
  });
  for (const [name, bytes] of files) await writer.add(name.slice(1), bytes);
  await writer.finish();
  return new Map([[path, new Uint8Array(await new Blob(parts).arrayBuffer())]]);
}

async function readMatrix(files: Sample): Promise<unknown> {
  const { cellIds, features, matrix } = await readCellFeatureMatrix(
    await openXeniumBundle("/b", diskOf(files)),
  );
  const fault = sparseFault(matrix);
  expectThat(fault === undefined, `a matrix with ${fault}`);
  expectThat(matrix.shape[0] === cellIds.length, "another number of cells");
  for (const texts of [features.ids, features.names, features.types]) {
    expectThat(texts.length === matrix.shape[1], "features astray");
  }
  return [cellIds, features, matrix];
}

async function readCellsAndBoundaries(bundle: XeniumBundle): Promise<unknown> {
  const db = await sharedDuckDb();
  const { counts, ...cells } = await readCells(bundle, db);
  for (const { length } of [cells.xUm, cells.yUm, cells.cellAreaUm2, ...counts.values()]) {
    expectThat(length === cells.cellIds.length, "cells astray");
  }
  const boundaries = [];
  for (const kind of ["cell", "nucleus"] as const) {
    const read = await readBoundaries(bundle, db, kind, { invalid: "drop" });
    checkPolygons(read.polygons);
    expectThat(read.cellIds.length === read.polygons.geometryStart.length - 1, "polygons astray");
    boundaries.push(read);
  }
  return [cells, counts, boundaries];
}

/** The tables of a bundle as csv, compressed or not. */
export const xeniumCsv: Target = {
  name: "xenium_csv",
  async seeds() {
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
    const disk = new MemoryDisk();
    const plain = new Map<string, Bytes>();
    for (const [name, query] of Object.entries(TABLES)) {
      const path = `/${name.replace(".parquet", ".csv")}`;
      await disk.writeNative(path, (local) => db.run(`copy (${query}) to '${local}' (header)`));
      plain.set(path, disk.files.get(path) as Bytes);
    }
    const zipped = new Map([...plain].map(([path, bytes]): [string, Bytes] => {
      return [`${path}.gz`, new Uint8Array(gzipSync(bytes))];
    }));
    return [{ name: "plain", files: plain }, { name: "gzip", files: zipped }];
  },
  async hostile() {
    const [plain] = await this.seeds();
    const tables = new Map(plain.files);
    tables.delete("/transcripts.csv");
    const head = "transcript_id,cell_id,feature_name,x_location,y_location,qv\n";
    return [
      {
        name: "a line of 200 MB",
        files: new Map([...tables, ["/transcripts.csv.gz", gzipOf(head, 2e8)]]),
      },
      {
        name: "a header of 200 MB",
        files: new Map([...tables, ["/transcripts.csv.gz", gzipOf("a", 2e8)]]),
      },
    ];
  },
  read: (files) =>
    withLocalFiles(files, async (folder) => {
      const bundle = await openXeniumBundle(folder);
      const read = await readCellsAndBoundaries(bundle);
      const transcripts = await openTranscripts(bundle, await sharedDuckDb());
      const batches = [];
      for await (const batch of transcripts.stream({ columns: ["x", "y", "feature_code"] })) {
        batches.push(batch);
      }
      return [read, await transcripts.features(), batches];
    }),
};
