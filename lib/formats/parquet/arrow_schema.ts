import type { DataType } from "apache-arrow";
import { codeType, type PandasColumn, type PandasType } from "./pandas_metadata.ts";

type Arrow = typeof import("apache-arrow");

const NUMBER_TYPES = {
  int8: "Int8",
  int16: "Int16",
  int32: "Int32",
  int64: "Int64",
  uint8: "Uint8",
  uint16: "Uint16",
  uint32: "Uint32",
  uint64: "Uint64",
  float32: "Float32",
  float64: "Float64",
} as const;

/**
 * The value of the key `ARROW:schema` in a parquet file's metadata: it makes pyarrow, pandas and dask
 * see dictionary columns as categories. The other metadata goes inside it too, since pyarrow drops
 * the file's own where there is an Arrow schema.
 */
export async function arrowSchema(
  columns: readonly PandasColumn[],
  metadata: Readonly<Record<string, string>>,
): Promise<string> {
  const arrow = await import("apache-arrow");
  // Arrow's own numbers of dictionaries count on through a process: equal tables would differ.
  const fields = columns.map(({ name, type }, column) =>
    arrow.Field.new(name, arrowType(arrow, type, column), true)
  );
  const schema = new arrow.Schema(fields, new Map(Object.entries(metadata)));
  const bytes = arrow.tableToIPC(new arrow.Table(schema), "stream");
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function arrowType(arrow: Arrow, type: PandasType, dictionary: number): DataType {
  switch (type.kind) {
    case "numbers":
      return new arrow[NUMBER_TYPES[type.dtype]]();
    case "booleans":
      return new arrow.Bool();
    case "text":
      return new arrow.Utf8();
    case "bytes":
      return new arrow.Binary();
    case "lists": {
      const element = new arrow[NUMBER_TYPES[type.dtype]]();
      return new arrow.List(arrow.Field.new("element", element, true));
    }
    case "categories": {
      const codes = { int8: arrow.Int8, int16: arrow.Int16, int32: arrow.Int32 };
      const Codes = codes[codeType(type.levelCount)];
      return new arrow.Dictionary(new arrow.Utf8(), new Codes(), dictionary, type.ordered);
    }
  }
}
