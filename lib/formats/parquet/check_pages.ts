import type { AsyncBuffer, Compressors, SchemaTree } from "hyparquet";
import { checkRuns } from "./check_runs.ts";
import { checkThrift } from "./check_thrift.ts";
import type { ParquetFile } from "./parquet_file.ts";

/** Where a column of a row group lies, and what its pages may declare. */
interface ColumnChunk {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly values: number;
  readonly codec: keyof Compressors;
  readonly unpack: Compressors[keyof Compressors];
  readonly isBoolean: boolean;
  /** Bits of a level: of how many lists and gaps a value can be in. */
  readonly repetitionBits: number;
  readonly definitionBits: number;
}

/** What the header of a page declares; 0 for what it does not. */
interface Page {
  unpacked: number;
  packed: number;
  values: number;
  encoding: number;
  /** Entries of a dictionary. */
  entries: number;
  isV2: boolean;
  isPacked: boolean;
  repetitionBytes: number;
  definitionBytes: number;
}

/** Numbers of the fields of a page's header, and within the headers for each kind. */
const FIELD = { unpacked: 2, packed: 3, page: 5, dictionary: 7, pageV2: 8 };
const PAGE = { values: 1, encoding: 2 };
const PAGE_V2 = { values: 1, encoding: 4, definitionBytes: 5, repetitionBytes: 6, isPacked: 7 };
/** Encodings that are made of runs. */
const DICTIONARY_ENCODINGS = [2, 8];
const RUN_ENCODING = 3;
const LENGTH_BYTES = 4;
/** Snappy packs 64 bytes into three at best. */
const MAX_SNAPPY_RATIO = 22;

/**
 * The bytes of a parquet file, where pages are looked at before they are handed out: a reader of them
 * makes room for as many values as they declare.
 *
 * @param schema Root of the schema.
 * @throws {Error} From `slice`, if a page declares more than its column holds.
 */
export function withCheckedPages(
  { file, metadata }: ParquetFile,
  schema: SchemaTree,
  compressors: Compressors,
): AsyncBuffer {
  const leaves = leavesOf(schema, []);
  const chunks = metadata.row_groups.flatMap(({ columns }) =>
    columns.flatMap(({ meta_data }): ColumnChunk[] => {
      if (meta_data === undefined) return [];
      const name = meta_data.path_in_schema.join(".");
      const start = Number(meta_data.dictionary_page_offset || meta_data.data_page_offset);
      return [{
        start,
        end: start + Number(meta_data.total_compressed_size),
        name,
        values: Number(meta_data.num_values),
        codec: meta_data.codec,
        unpack: compressors[meta_data.codec],
        isBoolean: meta_data.type === "BOOLEAN",
        ...levelBits(leaves.get(name) ?? []),
      }];
    })
  );
  const slice = async (start: number, end: number) => {
    const buffer = await file.slice(start, end);
    for (const chunk of chunks) {
      if (chunk.start < start || chunk.end > end) continue;
      checkPages(new Uint8Array(buffer, chunk.start - start, chunk.end - chunk.start), chunk);
    }
    return buffer;
  };
  return {
    byteLength: file.byteLength,
    slice: (start, end = file.byteLength) => {
      const bytes = slice(start, end);
      // Ranges are asked for ahead, and nobody may come to wait for this one.
      bytes.catch(() => {});
      return bytes;
    },
  };
}

/** The nodes that lead to each column, by its name. */
function leavesOf(
  node: SchemaTree,
  above: readonly SchemaTree[],
): Map<string, readonly SchemaTree[]> {
  if (node.children.length === 0) return new Map([[node.path.join("."), [...above, node]]]);
  return new Map(node.children.flatMap((child) => {
    return [...leavesOf(child, node.path.length === 0 ? [] : [...above, node])];
  }));
}

function levelBits(
  path: readonly SchemaTree[],
): Pick<ColumnChunk, "repetitionBits" | "definitionBits"> {
  const count = (...kinds: readonly (string | undefined)[]) =>
    path.filter(({ element }) => kinds.includes(element.repetition_type)).length;
  const bits = (levels: number) => 32 - Math.clz32(levels);
  return {
    repetitionBits: bits(count("REPEATED")),
    definitionBits: bits(count("REPEATED", "OPTIONAL")),
  };
}

function checkPages(bytes: Uint8Array, chunk: ColumnChunk): void {
  for (let at = 0; at < bytes.length;) {
    const { page, end } = readHeader(bytes.subarray(at));
    at += end;
    checkHeader(page, bytes.length - at, chunk);
    if (page.values > 0) checkValues(bytes.subarray(at, at + page.packed), page, chunk);
    at += page.packed;
  }
}

function readHeader(bytes: Uint8Array): { page: Page; end: number } {
  const page: Page = {
    unpacked: 0,
    packed: 0,
    values: 0,
    encoding: 0,
    entries: 0,
    isV2: false,
    isPacked: true,
    repetitionBytes: 0,
    definitionBytes: 0,
  };
  const end = checkThrift(bytes, (field, value, [outer, inner]) => {
    if (inner !== undefined) return;
    if (outer === undefined && field === FIELD.unpacked) page.unpacked = value;
    if (outer === undefined && field === FIELD.packed) page.packed = value;
    if (outer === FIELD.dictionary && field === PAGE.values) page.entries = value;
    if (outer === FIELD.page) {
      if (field === PAGE.values) page.values = value;
      if (field === PAGE.encoding) page.encoding = value;
    }
    if (outer !== FIELD.pageV2) return;
    page.isV2 = true;
    if (field === PAGE_V2.values) page.values = value;
    if (field === PAGE_V2.encoding) page.encoding = value;
    if (field === PAGE_V2.definitionBytes) page.definitionBytes = value;
    if (field === PAGE_V2.repetitionBytes) page.repetitionBytes = value;
    if (field === PAGE_V2.isPacked) page.isPacked = value === 1;
  });
  return { page, end };
}

function checkHeader(page: Page, left: number, { name, values, codec }: ColumnChunk): void {
  if (page.values < 0 || page.values > values) {
    throw new Error(`a page of ${page.values} values in the ${values} of "${name}"`);
  }
  if (page.packed < 0 || page.packed > left) {
    throw new Error(`a page of ${page.packed} bytes in the last ${left} of "${name}"`);
  }
  const isTooLarge = codec === "SNAPPY" && page.unpacked > MAX_SNAPPY_RATIO * (page.packed + 1);
  if (isTooLarge || page.entries > page.unpacked) {
    throw new Error(`${page.unpacked} bytes of ${page.entries} entries in a page of "${name}"`);
  }
}

function checkValues(packed: Uint8Array, page: Page, chunk: ColumnChunk): void {
  const { repetitionBits, definitionBits, isBoolean, name, codec, unpack } = chunk;
  const isOfRuns = DICTIONARY_ENCODINGS.includes(page.encoding) || page.encoding === RUN_ENCODING;
  if (!isOfRuns && repetitionBits === 0 && definitionBits === 0) return;
  const levelBytes = page.isV2 ? page.repetitionBytes + page.definitionBytes : 0;
  const body = packed.subarray(levelBytes);
  // Version 2 packs nothing where there is no value.
  const isPacked = page.isPacked && codec !== "UNCOMPRESSED" && body.length > 0;
  if (isPacked && unpack === undefined) return;
  const unpacked = isPacked ? unpack!(body, page.unpacked - levelBytes) : body;
  let at = 0;
  const lengthAt = (bytes: Uint8Array): number => {
    if (at + LENGTH_BYTES > bytes.length) throw new Error(`a page of "${name}" that is cut short`);
    at += LENGTH_BYTES;
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at - LENGTH_BYTES, true);
  };
  const levels = page.isV2 ? packed.subarray(0, levelBytes) : unpacked;
  const lengths = [page.repetitionBytes, page.definitionBytes];
  for (const [i, bits] of [repetitionBits, definitionBits].entries()) {
    if (bits === 0) continue;
    const length = page.isV2 ? lengths[i] : lengthAt(levels);
    checkRuns(levels.subarray(at), bits, page.values);
    at += length;
  }
  if (!isOfRuns) return;
  if (page.isV2) at = 0;
  if (isBoolean) lengthAt(unpacked);
  const width = isBoolean ? 1 : unpacked[at++] ?? 0;
  if (width > 0) checkRuns(unpacked.subarray(at), width, page.values);
}
