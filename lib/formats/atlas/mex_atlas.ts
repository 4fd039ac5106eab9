import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { decompressed, decompressedText } from "@/formats/xenium/decompressed.ts";
import { MtxParser } from "@/formats/xenium/mtx_parser.ts";
import type { Atlas, AtlasGenes, AtlasMatrix, ReadOptions } from "./atlas.ts";
import { parseCsv, readCellsTable } from "./csv_labels.ts";
import { areEnsemblIds } from "./gene_names.ts";
import { labelledBy } from "./labelled_by.ts";
import { selectionOf } from "./selection.ts";
import { Triplets } from "./triplets.ts";

/** Names of the files of a MEX folder: by Cell Ranger 3 on, 2, or with a prefix. */
const MATRIX = /(^|[._-])matrix\.mtx(\.gz)?$/;
const FEATURES = /(^|[._-])(features|genes)\.tsv(\.gz)?$/;
const BARCODES = /(^|[._-])barcodes\.tsv(\.gz)?$/;
const CELLS = /^cells\.csv(\.gz)?$/i;
/** Names of the Curated Cancer Cell Atlas: counts are preferred to TPM. */
const CURATED = /^Exp_data_(UMIcounts|TPM).*\.mtx(\.gz)?$/;
const CURATED_GENES = /^Genes\.txt(\.gz)?$/;

/** The folder itself, or the only one in it, as archives unpack. */
export async function mexFolder(disk: Disk, folder: string): Promise<string> {
  const names = (await disk.list(folder)).filter((name) => !name.startsWith("."));
  const only = names.length === 1 ? `${folder}/${names[0]}` : undefined;
  return only !== undefined && (await disk.stat(only))?.isDirectory ? only : folder;
}

/**
 * Opens a folder of MEX files, by Cell Ranger (labels in `cells.csv`, barcodes in its first column)
 * or by the Curated Cancer Cell Atlas.
 *
 * @throws {SthelarError} `NotFound` naming the file that is missing.
 */
export async function openMexAtlas(disk: Disk, path: string): Promise<Atlas> {
  const folder = await mexFolder(disk, path);
  const names = (await disk.list(folder)).filter((name) => !name.startsWith("._"));
  const find = (pattern: RegExp, expected: string) => {
    const found = names.filter((name) => pattern.test(name)).sort().reverse();
    if (found.length > 0) return `${folder}/${found[0]}`;
    throw new SthelarError("NotFound", {
      action: `Cannot use "${folder}" as an atlas`,
      found: names.length === 0 ? "an empty folder" : names.slice(0, 12).join(", "),
      expected,
      path: folder,
    });
  };
  if (names.some((name) => CURATED.test(name))) {
    return await openCurated(disk, folder, {
      matrix: find(CURATED, "Exp_data_UMIcounts.mtx"),
      genes: find(CURATED_GENES, "Genes.txt"),
      cells: find(CELLS, "Cells.csv"),
    });
  }
  const matrix = find(MATRIX, "matrix.mtx.gz, features.tsv.gz and barcodes.tsv.gz, or 3CA's files");
  const genes = featuresOf(await linesOf(disk, find(FEATURES, "features.tsv.gz or genes.tsv")));
  const barcodes = (await linesOf(disk, find(BARCODES, "barcodes.tsv.gz"))).map((line) =>
    line.split("\t", 1)[0]
  );
  const csv = names.find((name) => CELLS.test(name));
  const table = csv === undefined ? undefined : await readCellsTable(disk, `${folder}/${csv}`);
  return {
    path: folder,
    format: "10x mex",
    cellCount: barcodes.length,
    matrices: [mtxMatrix(disk, matrix, barcodes.length, genes)],
    ...labelledBy(table, () => barcodes, `${folder}/${csv ?? "cells.csv"}`),
    [Symbol.dispose]() {},
  };
}

async function openCurated(
  disk: Disk,
  folder: string,
  files: { readonly matrix: string; readonly genes: string; readonly cells: string },
): Promise<Atlas> {
  const table = await readCellsTable(disk, files.cells);
  const text = await decompressedText(disk, files.genes);
  const names = parseCsv(text, files.genes).map(([name]) => name);
  const genes = { names, ids: areEnsemblIds(names) ? names : undefined };
  return {
    path: folder,
    format: "3CA",
    cellCount: table.names.length,
    matrices: [mtxMatrix(disk, files.matrix, table.names.length, genes)],
    ...labelledBy(table, () => table.names, files.cells),
    [Symbol.dispose]() {},
  };
}

/** Text files know no places: whatever is read, the whole file streams by. */
function mtxMatrix(disk: Disk, path: string, cells: number, genes: AtlasGenes): AtlasMatrix {
  const geneCount = genes.names.length;
  return {
    name: "matrix",
    layout: "mtx",
    shape: [cells, geneCount],
    genes,
    async readRows(rows, columns, { progress, signal }: ReadOptions = {}): Promise<SparseMatrix> {
      const { placeOf: rowOf } = selectionOf(rows, cells, "cell", path);
      const { placeOf: columnOf } = selectionOf(columns, geneCount, "gene", path);
      const triplets = new Triplets();
      const parser = new MtxParser(path, geneCount, cells, (gene, cell, value) => {
        if (rowOf[cell] >= 0 && columnOf[gene] >= 0) {
          triplets.add(rowOf[cell], columnOf[gene], value);
        }
      });
      const size = (await disk.stat(path))?.size ?? 0;
      let bytes = 0;
      for await (const chunk of decompressed(disk, path)) {
        signal?.throwIfAborted();
        parser.add(chunk);
        bytes += chunk.length;
        if (bytes <= size) progress?.update(bytes, size, "bytes");
      }
      parser.end();
      return triplets.toCsr([rows.length, columns.length]);
    },
  };
}

/** Id and name in each line; the oldest files have the id alone. */
function featuresOf(lines: readonly string[]): AtlasGenes {
  const rows = lines.map((line) => line.split("\t"));
  return { ids: rows.map(([id]) => id), names: rows.map(([id, name]) => name ?? id) };
}

async function linesOf(disk: Disk, path: string): Promise<string[]> {
  const text = (await decompressedText(disk, path)).trimEnd();
  return text === "" ? [] : text.split(/\r?\n/);
}
