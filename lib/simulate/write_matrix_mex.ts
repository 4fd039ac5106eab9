import type { Disk } from "@/core/disk.ts";
import type { MatrixContent } from "./matrix_content.ts";

/** Text that is compressed at once. */
const PART_CHARACTERS = 1 << 16;

/**
 * Writes the folder `cell_feature_matrix`: `features.tsv.gz`, `barcodes.tsv.gz`, `matrix.mtx.gz`
 * (coordinates from 1, cell by cell). Values of proteins are scaled, and nothing says by how much.
 */
export async function writeMatrixMex(
  disk: Disk,
  folder: string,
  { counts, features, cells }: MatrixContent,
): Promise<void> {
  const rows = features.map(({ name, type }) => `${name}\t${name}\t${type}\n`);
  await writeGzip(disk, `${folder}/features.tsv.gz`, rows);
  await writeGzip(disk, `${folder}/barcodes.tsv.gz`, cells.texts.map((name) => `${name}\n`));
  await writeGzip(disk, `${folder}/matrix.mtx.gz`, matrixLines(counts));
}

function* matrixLines({ shape, data, indices, indptr }: MatrixContent["counts"]) {
  yield "%%MatrixMarket matrix coordinate integer general\n";
  yield '%metadata_json: {"format_version": 2, "software_version": "simulated"}\n';
  yield `${shape[0]} ${shape[1]} ${data.length}\n`;
  for (let cell = 0; cell < shape[1]; cell++) {
    for (let k = Number(indptr[cell]); k < Number(indptr[cell + 1]); k++) {
      yield `${Number(indices[k]) + 1} ${cell + 1} ${data[k]}\n`;
    }
  }
}

/** Compresses lines as a stream; the header holds no time, so equal text makes equal bytes. */
async function writeGzip(disk: Disk, path: string, lines: Iterable<string>): Promise<void> {
  await disk.writeNative(path, async (localPath) => {
    const file = await Deno.open(localPath, { write: true, create: true, truncate: true });
    await ReadableStream.from(parts(lines))
      .pipeThrough(new CompressionStream("gzip"))
      .pipeTo(file.writable);
  });
}

function* parts(lines: Iterable<string>): Generator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let text = "";
  for (const line of lines) {
    text += line;
    if (text.length < PART_CHARACTERS) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(text);
}
