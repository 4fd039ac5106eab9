/**
 * Encodings of AnnData's elements, by `encoding-type` and `encoding-version`.
 *
 * | AnnData    | data frames                        | categories                  | texts, scalars        |
 * | ---------- | ---------------------------------- | --------------------------- | --------------------- |
 * | before 0.7 | one array of records               | codes, `uns/x_categories`   | no encoding           |
 * | 0.7        | group, version 0.1.0               | codes, `obs/__categories/x` | no encoding           |
 * | 0.8 on     | group, version 0.2.0               | group, version 0.2.0        | `string-array`, …     |
 *
 * Sparse matrices before 0.7 are groups with the attributes `h5sparse_format` and `h5sparse_shape`.
 *
 * @module
 */
import { SthelarError } from "@/core/errors.ts";
import type { Attributes } from "@/formats/zarr/mod.ts";
import { annDataEncoding, rawEncoding } from "./anndata_encoding.ts";
import {
  arrayEncoding,
  nullEncoding,
  numericScalarEncoding,
  readArray,
  recordsEncoding,
  stringArrayEncoding,
  stringEncoding,
} from "./array_encodings.ts";
import { categoricalEncoding } from "./categorical_encoding.ts";
import { dataFrameEncoding, dataFrameEncodingV01 } from "./dataframe_encoding.ts";
import { dictEncoding, readDict } from "./dict_encoding.ts";
import { childPath, type ElementSink, type ElementSource, missingNode } from "./element_store.ts";
import type { Encoding, NodeReader } from "./encoding.ts";
import { type Element, isTexts } from "./model.ts";
import {
  nullableBooleanEncoding,
  nullableIntegerEncoding,
  nullableStringEncoding,
} from "./nullable_encodings.ts";
import { cscEncoding, csrEncoding, readSparse } from "./sparse_encoding.ts";

const ENCODINGS: readonly Encoding[] = [
  arrayEncoding,
  stringArrayEncoding,
  numericScalarEncoding,
  stringEncoding,
  nullEncoding,
  recordsEncoding,
  csrEncoding,
  cscEncoding,
  categoricalEncoding,
  nullableIntegerEncoding,
  nullableBooleanEncoding,
  nullableStringEncoding,
  dictEncoding,
  dataFrameEncoding,
  dataFrameEncodingV01,
  annDataEncoding,
  rawEncoding,
];

const byName = new Map(ENCODINGS.map((e) => [`${e.type} ${e.version}`, e]));

/**
 * Decodes the element at `path`.
 *
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`, naming the node.
 */
export async function decodeElement(source: ElementSource, path: string): Promise<Element> {
  const info = await source.info(path);
  if (info === undefined) throw missingNode(source, path);
  const child = (key: string) => decodeElement(source, childPath(path, key));
  const node = { source, path, info, child };
  const { "encoding-type": type, "encoding-version": version } = info.attributes;
  if (type === undefined || type === "") return await decodeUnencoded(node);
  const encoding = byName.get(`${type} ${version}`);
  if (encoding === undefined) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read "${path}" of "${source.location}"`,
      found: `the encoding ${JSON.stringify(type)} in version ${JSON.stringify(version)}`,
      expected: `one of ${[...byName.keys()].join(", ")}`,
      path: source.location,
    });
  }
  return await encoding.read(node);
}

/**
 * Encodes an element.
 *
 * @param attributes Added to those of the encoding.
 * @throws {SthelarError} `InvalidArgument` for what cannot be stored.
 */
export async function encodeElement(
  sink: ElementSink,
  path: string,
  element: Element,
  attributes: Attributes = {},
): Promise<void> {
  const encoding = ENCODINGS.find((candidate) => candidate.accepts?.(element));
  if (encoding?.write === undefined) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot write "${path}" to "${sink.location}"`,
      found: "a value that AnnData has no encoding for here",
      expected: "numbers, texts, columns, matrices, records, data frames or dictionaries",
      path: sink.location,
    });
  }
  const ownAttributes = { "encoding-type": encoding.type, "encoding-version": encoding.version };
  await encoding.write({
    sink,
    path,
    attributes: { ...ownAttributes, ...attributes },
    child: (key, value) => encodeElement(sink, childPath(path, key), value),
  }, element);
}

/** Decodes a node from before encodings were named. */
async function decodeUnencoded(node: NodeReader): Promise<Element> {
  const { info } = node;
  if (info.kind === "array") {
    const element = await readArray(node);
    // Single texts were stored as lists of one.
    return isTexts(element) && element.length === 1 ? element[0] : element;
  }
  const { h5sparse_format: format, h5sparse_shape: shape } = info.attributes;
  if (format === "csr" || format === "csc") return await readSparse(node, format, shape);
  return await readDict(node);
}
