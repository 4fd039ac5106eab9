import type { Disk } from "@/core/disk.ts";
import type { SchemaElement } from "hyparquet";
import { constants, zstdCompressSync } from "node:zlib";

/** A column of a table that is written block by block. */
export interface StreamColumn {
  /** Its name. */
  readonly name: string;
  /** What it holds. */
  readonly type: "int32" | "uint8" | "uint32" | "uint64" | "float32" | "boolean" | "text" | "bytes";
}

/** Values of one block, by column. */
export type StreamBlock = ReadonlyMap<string, ArrayLike<unknown>>;

const ELEMENTS: Readonly<Record<StreamColumn["type"], Partial<SchemaElement>>> = {
  int32: { type: "INT32" },
  uint8: { type: "INT32", converted_type: "UINT_8" },
  uint32: { type: "INT32", converted_type: "UINT_32" },
  uint64: { type: "INT64", converted_type: "UINT_64" },
  float32: { type: "FLOAT" },
  boolean: { type: "BOOLEAN" },
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  bytes: { type: "BYTE_ARRAY" },
};

/**
 * Writes a parquet file (zstd) whose blocks are made one after the other, a row group each.
 *
 * @param blocks Gives all columns of each block.
 */
export async function writeTableStream(
  disk: Disk,
  path: string,
  columns: readonly StreamColumn[],
  blocks: Iterable<StreamBlock> | AsyncIterable<StreamBlock>,
): Promise<void> {
  const { ByteWriter, ParquetWriter } = await import("hyparquet-writer");
  await disk.writeNative(path, async (localPath) => {
    using file = await Deno.open(localPath, { write: true, create: true, truncate: true });
    const writer = new ByteWriter();
    const parquet = new ParquetWriter({
      writer,
      schema: [
        { name: "schema", num_children: columns.length, repetition_type: "REQUIRED" },
        ...columns.map(({ name, type }): SchemaElement => ({
          name,
          repetition_type: "OPTIONAL",
          ...ELEMENTS[type],
        })),
      ],
      codec: "ZSTD",
      compressors: { ZSTD: compress },
      createdBy: "sthelar",
    });
    const flush = async () => {
      for (let bytes = writer.getBytes(); bytes.length > 0;) {
        bytes = bytes.subarray(await file.write(bytes));
      }
      writer.index = 0;
    };
    for await (const block of blocks) {
      const columnData = columns.map(({ name }) => ({ name, data: block.get(name) as number[] }));
      const rowGroupSize = columnData[0].data.length;
      if (rowGroupSize === 0) continue;
      await parquet.write({ columnData, rowGroupSize });
      await flush();
    }
    await parquet.finish();
    await flush();
  });
}

function compress(bytes: Uint8Array): Uint8Array {
  const params = { [constants.ZSTD_c_compressionLevel]: 1 };
  return new Uint8Array(zstdCompressSync(bytes, { params }));
}
