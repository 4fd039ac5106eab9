import type { Disk } from "@/core/disk.ts";
import type { MatrixFeatures, StoredMatrix } from "./count_matrix.ts";
import { corruptMatrix } from "./corrupt_matrix.ts";
import { decompressed, decompressedText } from "./decompressed.ts";
import type { MexFiles } from "./mex_files.ts";
import { MtxParser } from "./mtx_parser.ts";

/**
 * Reads a folder of MEX files: `barcodes.tsv.gz`, `features.tsv.gz`, `matrix.mtx.gz`. The counts are
 * parsed as a stream: memory for the result and 4 bytes a count.
 */
export async function readMexMatrix(disk: Disk, files: MexFiles): Promise<StoredMatrix> {
  const cellIds = await readMexBarcodes(disk, files);
  const features = await readMexFeatures(disk, files);
  const parser = new MtxParser(files.matrix, features.ids.length, cellIds.length);
  for await (const chunk of decompressed(disk, files.matrix)) parser.add(chunk);
  return {
    path: files.matrix,
    cellIds,
    features,
    matrix: parser.finish(),
    proteinScalingFactor: undefined,
  };
}

/** Ids of the cells; the counts are not read. */
export async function readMexBarcodes(disk: Disk, { barcodes }: MexFiles): Promise<string[]> {
  return (await linesOf(disk, barcodes)).map((line) => line.split("\t", 1)[0]);
}

/** The features; the counts are not read. */
export async function readMexFeatures(
  disk: Disk,
  { features: path }: MexFiles,
): Promise<MatrixFeatures> {
  const rows = (await linesOf(disk, path)).map((line) => line.split("\t"));
  const short = rows.findIndex((row) => row.length < 3);
  if (short >= 0) {
    throw corruptMatrix(
      path,
      `${rows[short].length} fields in line ${short + 1}`,
      "3: id, name and type of a feature",
    );
  }
  return {
    ids: rows.map(([id]) => id),
    names: rows.map(([, name]) => name),
    types: rows.map(([, , type]) => type),
    genomes: undefined,
  };
}

async function linesOf(disk: Disk, path: string): Promise<string[]> {
  const text = (await decompressedText(disk, path)).trimEnd();
  return text === "" ? [] : text.split(/\r?\n/);
}
