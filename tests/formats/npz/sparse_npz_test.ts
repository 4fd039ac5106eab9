import { assert, assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import {
  denseOf,
  npzBytes,
  openSparseNpz,
  parseSparseNpz,
  sparseNpzBytes,
  SparseNpzWriter,
} from "@/formats/npz/mod.ts";
import { openZip } from "@/formats/zip/mod.ts";
import { diskWith, fixture, LISTED } from "./fixtures.ts";

const PIXELS = 256;
const MASKS = Int32Array.from(LISTED.masks.values as number[]);
const patchOf = (n: number) => MASKS.slice(n * PIXELS * 6, (n + 1) * PIXELS * 6);

for (const name of ["masks.npz", "masks_int64.npz"]) {
  Deno.test(`${name} of SciPy is read whole`, async () => {
    assertEquals(denseOf(await parseSparseNpz(fixture(name), name)), MASKS);
  });

  Deno.test(`openSparseNpz() reads patches of ${name} in any order`, async () => {
    const masks = await openSparseNpz(await diskWith(fixture(name)), "/x.npz");
    assertEquals([masks.shape, masks.stored > 0], [[3 * PIXELS, 6], true]);
    for (const n of [0, 1, 2, 1, 0, 2]) {
      assertEquals(denseOf(await masks.rows(n * PIXELS, PIXELS)), patchOf(n));
    }
    assertEquals((await masks.rows(5, 0)).data.length, 0);
    await assertRejects(() => masks.rows(3 * PIXELS - 1, 2), SthelarError, "a matrix of 768 rows");
  });
}

function channel(patch: Int32Array, c: number): Int32Array {
  return Int32Array.from({ length: PIXELS }, (_, pixel) => patch[6 * pixel + c]);
}

Deno.test("SparseNpzWriter writes the arrays that SciPy writes, in SciPy's order", async () => {
  const disk = new MemoryDisk();
  using writer = new SparseNpzWriter(disk, "/ours.npz", 6);
  for (const n of [0, 1, 2]) {
    writer.appendPixels([[0, channel(patchOf(n), 0)], [5, channel(patchOf(n), 5)]]);
  }
  const { rows, stored } = await writer.finish();
  const theirs = await openZip(await diskWith(fixture("masks.npz")), "/x.npz");
  const ours = await openZip(disk, "/ours.npz");
  assertEquals([...ours.entries.keys()], [...theirs.entries.keys()]);
  for (const name of ours.entries.keys()) {
    assertEquals(await ours.read(name), await theirs.read(name));
  }
  assertEquals([rows, stored], [
    3 * PIXELS,
    (await parseSparseNpz(fixture("masks.npz"), "")).data.length,
  ]);
  assertEquals([...disk.files.keys()], ["/ours.npz"]);
});

Deno.test("SparseNpzWriter writes rows of cells, empty ones and none at all", async () => {
  const disk = new MemoryDisk();
  using writer = new SparseNpzWriter(disk, "/cells.npz", 4);
  const row = Int32Array.of(0, 9, 0, 8);
  for (const values of [row, new Int32Array(4), row]) writer.appendRow(values);
  await writer.finish();
  const { data, indices, indptr } = await (await openSparseNpz(disk, "/cells.npz")).rows(0, 3);
  assertEquals([[...data], [...indices], [...indptr]], [[9, 8, 9, 8], [1, 3, 1, 3], [0, 2, 2, 4]]);
  using none = new SparseNpzWriter(disk, "/none.npz", 6);
  assertEquals(await none.finish(), { rows: 0, stored: 0 });
  assertEquals((await openSparseNpz(disk, "/none.npz")).shape, [0, 6]);
});

Deno.test("SparseNpzWriter leaves nothing behind when it is given up", async () => {
  const disk = new MemoryDisk();
  const scratch = await Deno.makeTempDir();
  {
    using writer = new SparseNpzWriter(disk, "/x.npz", 2, { scratch });
    writer.appendRow(Int32Array.of(1, 2));
  }
  assertEquals([disk.files.size, [...Deno.readDirSync(scratch)].length], [0, 0]);
  await Deno.remove(scratch);
});

Deno.test("SparseNpzWriter refuses rows of another width and channels out of order", () => {
  using writer = new SparseNpzWriter(new MemoryDisk(), "/x.npz", 6);
  const some = new Int32Array(4);
  for (
    const run of [() => writer.appendRow(some), () => writer.appendPixels([[5, some], [0, some]])]
  ) {
    try {
      run();
      assert(false, "it was taken");
    } catch (error) {
      assert(isSthelarError(error, "InvalidArgument"));
    }
  }
});

const GOOD = {
  data: [7, 8],
  indices: [0, 1],
  indptr: [0, 1, 2],
  shape: [2, 2],
  format: "csr",
};
const FAULTY: Readonly<Record<string, Partial<typeof GOOD>>> = {
  "row pointers that do not begin at 0": { indptr: [1, 1, 2] },
  "row pointers that fall": { indptr: [0, 2, 1] },
  "row pointers that end too early": { indptr: [0, 1, 1] },
  "row pointers that end too late": { indptr: [0, 1, 3] },
  "too few row pointers": { indptr: [0, 2] },
  "an index that is too large": { indices: [0, 2] },
  "a negative index": { indices: [-1, 1] },
  "fewer indices than values": { indices: [0] },
  "a negative shape": { shape: [-2, 2] },
  "a shape of three": { shape: [2, 2, 1] },
  "a matrix by columns": { format: "csc" },
};

for (const [name, change] of Object.entries(FAULTY)) {
  Deno.test(`a sparse matrix is refused for ${name}`, async () => {
    const { data, indices, indptr, shape, format } = { ...GOOD, ...change };
    const flat = (values: number[]) => ({ data: Int32Array.from(values), shape: [values.length] });
    const bytes = await npzBytes({
      indices: flat(indices),
      indptr: flat(indptr),
      format: { texts: [format], shape: [], encoding: "bytes" },
      shape: flat(shape),
      data: flat(data),
    }, true);
    const tag = format === "csr" ? "CorruptData" : "UnsupportedVersion";
    const whole = await assertRejects(() => parseSparseNpz(bytes, "/x.npz"), SthelarError);
    assertEquals([whole.tag, whole.path], [tag, "/x.npz"]);
    const read = async () =>
      await (await openSparseNpz(await diskWith(bytes), "/x.npz")).rows(0, 2);
    const part = await assertRejects(read, SthelarError);
    assertEquals([part.tag, part.path], [tag, "/x.npz"]);
  });
}

Deno.test("openSparseNpz() refuses a file that is cut anywhere", async () => {
  const bytes = fixture("masks.npz");
  for (let end = 0; end < bytes.length; end += 11) {
    const disk = await diskWith(bytes.slice(0, end));
    const error = await assertRejects(() => openSparseNpz(disk, "/x.npz"), SthelarError);
    assertEquals(error.tag, "CorruptData");
  }
});

Deno.test("sparseNpzBytes() refuses a faulty matrix", async () => {
  const matrix = await parseSparseNpz(fixture("masks.npz"), "x");
  const faulty = { ...matrix, indptr: matrix.indptr.slice(1) };
  await assertRejects(() => sparseNpzBytes(faulty), SthelarError, "indptr of length 768");
});

Deno.test("parseSparseNpz() says which format of SciPy it found", async () => {
  const error = await assertRejects(
    () => parseSparseNpz(fixture("columns.npz"), "columns.npz"),
    SthelarError,
    'the format "csc"',
  );
  assertEquals(error.tag, "UnsupportedVersion");
});
