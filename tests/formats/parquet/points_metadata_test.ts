import { assertEquals } from "@std/assert";
import { tableFromIPC } from "apache-arrow";
import { type PandasColumn, pandasMetadata, pointsMetadata } from "@/formats/parquet/mod.ts";
import { parquetSchema } from "@/formats/parquet/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";

Deno.test("pointsMetadata() holds the pandas metadata inside the Arrow schema", async () => {
  const columns: PandasColumn[] = [
    { name: "x", type: { kind: "numbers", dtype: "float32" } },
    { name: "feature_name", type: { kind: "categories", levelCount: 300, ordered: false } },
    { name: "cell_id", type: { kind: "text" } },
    { name: "transcript_id", type: { kind: "numbers", dtype: "uint64" } },
  ];
  const metadata = await pointsMetadata(columns);
  const bytes = Uint8Array.fromBase64(metadata["ARROW:schema"]);
  const { schema } = tableFromIPC(bytes);
  assertEquals(schema.metadata.get("pandas"), metadata.pandas);
  assertEquals(schema.fields.map((field) => String(field.type)), [
    "Float32",
    "Dictionary<Int16, Utf8>",
    "Utf8",
    "Uint64",
  ]);
});

Deno.test("pandasMetadata() equals what geopandas writes, but for the geometry's type", async () => {
  const path = new URL("../../fixtures/parquet/polygons.parquet", import.meta.url).pathname;
  const { keyValueMetadata } = await parquetSchema(localDisk, path);
  const theirs = JSON.parse(keyValueMetadata.get("pandas") as string);
  const ours = JSON.parse(pandasMetadata([
    { name: "geometry", type: { kind: "bytes" } },
    { name: "area", type: { kind: "numbers", dtype: "float64" } },
    { name: "kind", type: { kind: "categories", levelCount: 2, ordered: false } },
    { name: "cell_id", type: { kind: "text" } },
  ], { kind: "column", column: "cell_id", name: "cell_id" }));
  theirs.columns[0].pandas_type = "bytes";
  assertEquals(ours, theirs);
});

Deno.test("pointsMetadata() of equal columns is equal, however often it was called before", async () => {
  const columns = [
    { name: "feature_name", type: { kind: "categories", levelCount: 9, ordered: false } },
    { name: "fov_name", type: { kind: "categories", levelCount: 9, ordered: false } },
  ] as const;
  assertEquals(await pointsMetadata(columns), await pointsMetadata(columns));
});
