import { sizeOf } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import {
  consolidateMetadata,
  createGroup,
  openGroup,
  openNode,
  readRecords,
  writeArray,
  writeBooleans,
  writeStrings,
  type ZarrArray,
} from "@/formats/zarr/mod.ts";
import { diskOf, fixtureFolder, jsonFile } from "../seed_files.ts";
import { type Bytes, expectThat, type NamedSample, type Target } from "../target.ts";

const ROOT = "/s.zarr";
/** Each array of a zarr-python store is a sample, so that a mutation hits something that is read. */
const READ_NODES = 64;

/** Zarr v2: metadata and chunks of blosc, zstd, gzip, zlib, lz4, shuffle, delta, `vlen-utf8`. */
export const zarrV2: Target = {
  name: "zarr_v2",
  seeds: () => fixtureArrays("zarr/v2.zarr", { ".zgroup": { zarr_format: 2 } }),
  hostile: () =>
    Promise.resolve(absurdShapes((shape, chunks) => ({
      ".zarray": {
        zarr_format: 2,
        shape,
        chunks,
        dtype: "<i4",
        compressor: null,
        fill_value: 0,
        order: "C",
        filters: null,
      },
    }), "0")),
  read: (files) => readStore(diskOf(files)),
};

/** Zarr v3: metadata and chunks of blosc, zstd, gzip, shards, transposed, `vlen-utf8`. */
export const zarrV3: Target = {
  name: "zarr_v3",
  async seeds() {
    const group = { zarr_format: 3, node_type: "group", attributes: {} };
    return [...await fixtureArrays("zarr/v3.zarr", { "zarr.json": group }), await writtenHere()];
  },
  hostile: () =>
    Promise.resolve([
      ...absurdShapes((shape, chunk_shape) => ({
        "zarr.json": {
          zarr_format: 3,
          node_type: "array",
          shape,
          data_type: "int32",
          chunk_grid: { name: "regular", configuration: { chunk_shape } },
          chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
          fill_value: 0,
          codecs: [{ name: "bytes", configuration: { endian: "little" } }],
          attributes: {},
        },
      }), "c/0"),
      deepGroups(),
    ]),
  read: (files) => readStore(diskOf(files)),
  isChecksummed: (path) => path.startsWith(`${ROOT}/written/`) && path.includes("/c/"),
};

async function fixtureArrays(
  folder: string,
  rootFiles: Readonly<Record<string, unknown>>,
): Promise<NamedSample[]> {
  const all = await fixtureFolder(folder, ROOT);
  const names = new Set([...all.keys()].map((path) => path.split("/")[2]));
  return [...names].filter((name) => !name.startsWith(".") && name !== "zarr.json").map((name) => {
    const own = [...all].filter(([path]) => path.startsWith(`${ROOT}/${name}/`));
    const roots = Object.entries(rootFiles)
      .map(([file, value]): [string, Bytes] => [`${ROOT}/${file}`, jsonFile(value)]);
    return { name, files: new Map([...roots, ...own]), mutable: own.map(([path]) => path) };
  });
}

/** What this project writes itself: zstd frames with checksums. */
async function writtenHere(): Promise<NamedSample> {
  const disk = new MemoryDisk();
  await createGroup(disk, ROOT, { unit: "µm" });
  await createGroup(disk, `${ROOT}/written`);
  const data = Float32Array.from({ length: 120 }, (_, i) => Math.sin(i));
  await writeArray(disk, `${ROOT}/written/n`, { data, shape: [12, 10] }, { chunks: [5, 10] });
  const texts = Array.from({ length: 40 }, (_, i) => `gene ${i % 7} µ`);
  await writeStrings(disk, `${ROOT}/written/s`, texts, [40]);
  await writeBooleans(disk, `${ROOT}/written/b`, Uint8Array.of(0, 1, 1), [3]);
  await consolidateMetadata(disk, ROOT);
  return { name: "written here", files: disk.files };
}

function absurdShapes(
  metadata: (shape: unknown, chunks: unknown) => Readonly<Record<string, unknown>>,
  chunk: string,
): NamedSample[] {
  const cases: [string, unknown, unknown][] = [
    ["a shape of 10^12", [1e12], [1000]],
    ["a shape of 10^12 in one chunk", [1e12], [1e12]],
    ["a chunk of 2^31", [10], [2 ** 31]],
    ["a chunk of 2^28 that is too short", [10], [2 ** 28]],
    ["a shape of 2^28, its chunks missing", [2 ** 28], [2 ** 20]],
    ["a shape of 2^28 in a chunk of as many", [2 ** 28], [2 ** 28]],
    ["a shape of 2^53", [2 ** 53, 2 ** 53], [1, 1]],
    ["a shape whose product is 0", [0, 1e15], [1, 1]],
    ["32 axes of 2^10", Array(32).fill(1024), Array(32).fill(1)],
    ["33 axes", Array(33).fill(1), Array(33).fill(1)],
    ["a million axes", Array(1e6).fill(1), Array(1e6).fill(1)],
    ["chunks of 0", [10], [0]],
    ["negative extents", [-10], [-1]],
  ];
  return cases.map(([name, shape, chunks]) => ({
    name,
    files: new Map<string, Bytes>([
      [`${ROOT}/.zgroup`, jsonFile({ zarr_format: 2 })],
      ...Object.entries(metadata(shape, chunks)).map(([file, document]): [string, Bytes] => {
        return [`${ROOT}/a/${file}`, jsonFile(document)];
      }),
      [`${ROOT}/a/${chunk}`, new Uint8Array(40)],
    ]),
  }));
}

/** Groups in groups, 500 deep. */
function deepGroups(): NamedSample {
  const files = new Map<string, Bytes>();
  const group = jsonFile({ zarr_format: 3, node_type: "group", attributes: {} });
  for (let depth = 0, path = ROOT; depth < 500; depth++, path += "/g") {
    files.set(`${path}/zarr.json`, group);
  }
  return { name: "groups 500 deep", files };
}

async function readStore(disk: Disk): Promise<unknown> {
  const values = new Map<string, unknown>();
  const pending = [ROOT];
  while (pending.length > 0 && values.size < READ_NODES) {
    const path = pending.shift() as string;
    const node = await openNode(disk, path);
    if (node === undefined) continue;
    if (node.kind === "group") {
      values.set(path, [node.group.attributes, node.group.zarrFormat]);
      const children = await (await openGroup(disk, path)).children();
      pending.push(...children.map(({ name }) => `${path}/${name}`));
    } else if (node.isStructured) values.set(path, await readRecords(disk, path));
    else values.set(path, await readArray(node.array));
  }
  return values;
}

async function readArray(array: ZarrArray): Promise<unknown> {
  const { shape, dtype, attributes, chunks } = array;
  if (dtype === "string") {
    const texts = await array.readStrings();
    expectThat(texts.length === sizeOf(shape), `${texts.length} texts for ${shape}`);
    expectThat(texts.every((text) => typeof text === "string"), "a text that is none");
    return [texts, shape, attributes, chunks];
  }
  const { data, shape: readShape } = await array.read();
  expectThat(data.length === sizeOf(shape), `${data.length} values for ${shape}`);
  expectThat(String(readShape) === String(shape), `shape ${readShape} for ${shape}`);
  return [data, shape, attributes, chunks];
}
