import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { allocate, NUMERIC_DTYPES } from "@/core/arrays.ts";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { type Hdf5Writer, openHdf5, writeHdf5 } from "@/formats/hdf5/mod.ts";
import { testWithData } from "../../test_data.ts";

async function withFile(
  write: (file: Hdf5Writer) => void,
  check: (path: string) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await writeHdf5(localDisk, `${folder}/below/t.h5`, write);
    await check(`${folder}/below/t.h5`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("write() keeps every number type, shape and value, also of nothing", async () => {
  const arrays = NUMERIC_DTYPES.flatMap((dtype) =>
    [[], [0], [5], [2, 3], [2, 0]].map((shape, i) => {
      const data = allocate(dtype, shape.reduce((a, b) => a * b, 1));
      for (let k = 0; k < data.length; k++) data[k] = /^u?int64/.test(dtype) ? BigInt(k) : k;
      return { name: `${dtype}_${i}`, array: { data, shape } };
    })
  );
  await withFile(
    (file) => arrays.forEach(({ name, array }) => file.write(name, array)),
    async (path) => {
      using file = await openHdf5(path);
      for (const { name, array } of arrays) assertEquals(file.read(name), array, name);
    },
  );
});

Deno.test("read() of rows equals the same rows of the whole, in a chunked compressed dataset", async () => {
  const data = Float32Array.from({ length: 300 * 1000 }, (_, i) => i % 1009);
  await withFile(
    (file) => file.write("x", { data, shape: [300, 1000] }),
    async (path) => {
      using file = await openHdf5(path);
      assert(file.info("x").chunks !== undefined);
      assertEquals(file.read("x", [290, 300]).data, data.slice(290_000));
      assertEquals(file.read("x", [7, 7]).shape, [0, 1000]);
      assertThrows(() => file.read("x", [0, 301]), SthelarError, "300 x 1000");
    },
  );
});

Deno.test("booleans, texts and records come back as they were written", async () => {
  const records = new Map<string, string[] | Int16Array>([
    ["gene", ["CD8A", "µ"]],
    ["n", Int16Array.of(-3, 4)],
  ]);
  const keep = Uint8Array.from({ length: 40_000 }, (_, i) => Number(i % 7 === 0));
  await withFile(
    (file) => {
      file.createGroup("obs", { "column-order": ["a", "b"], none: [], n: 3, half: 0.5 });
      file.writeBooleans("obs/keep", keep, [40_000], { unit: "µm" });
      file.writeBooleans("flag", Uint8Array.of(1), []);
      file.writeStrings("texts", ["a", "", "µ😀"], [3]);
      file.writeStrings("empty", [], [0]);
      file.writeStrings("one", ["x"], []);
      file.writeRecords("records", records);
    },
    async (path) => {
      using file = await openHdf5(path);
      assertEquals(file.attributes("obs"), {
        "column-order": ["a", "b"],
        none: [],
        n: 3,
        half: 0.5,
      });
      assertEquals(file.info("obs/keep").dtype, "bool");
      assertEquals(file.attributes("obs/keep"), { unit: "µm" });
      assertEquals(file.read("obs/keep").data, keep);
      assertEquals(file.read("flag"), { data: Uint8Array.of(1), shape: [] });
      assertEquals(file.readStrings("texts"), ["a", "", "µ😀"]);
      assertEquals(file.readStrings("texts", [1, 3]), ["", "µ😀"]);
      assertEquals(file.readStrings("empty"), []);
      assertEquals(file.readStrings("one"), ["x"]);
      const fields = file.readRecords("records");
      assertEquals([...fields].map(([name, { data }]) => [name, data]), [...records]);
      assertEquals(file.children("/").map(({ name }) => name).slice(0, 2), ["empty", "flag"]);
    },
  );
});

Deno.test("writeHdf5() works on a disk that is not the machine's", async () => {
  const disk = new MemoryDisk();
  await writeHdf5(disk, "/t.h5", (file) => file.write("x", { data: Int8Array.of(1), shape: [1] }));
  assertEquals([...disk.files.get("/t.h5")!.slice(0, 4)], [0x89, 0x48, 0x44, 0x46]);
});

Deno.test("a write of too few values or of a text with a zero byte is refused", async () => {
  const write = (run: (file: Hdf5Writer) => void) => () => withFile(run, () => {});
  const short = write((file) => file.write("x", { data: Int8Array.of(1), shape: [2] }));
  assertEquals((await assertRejects(short, SthelarError)).tag, "InvalidArgument");
  const zero = write((file) => file.writeStrings("x", ["a\0b"], [1]));
  assertEquals((await assertRejects(zero, SthelarError)).tag, "InvalidArgument");
});

Deno.test("missing and mistaken names say so, and a closed file is an error", async () => {
  await withFile(
    (file) => {
      file.createGroup("matrix");
      file.writeStrings("matrix/barcodes", ["a"], [1]);
    },
    async (path) => {
      const file = await openHdf5(path);
      assertEquals(file.has("matrix/barcodes"), true);
      assertEquals(file.has("matrix/nothing/deep"), false);
      const error = assertThrows(
        () => file.readStrings("matrix/barcode"),
        SthelarError,
        'did you mean "barcodes"',
      );
      assertEquals([error.tag, error.path], ["NotFound", path]);
      assertThrows(() => file.read("matrix"), SthelarError, "found a group");
      assertThrows(() => file.read("matrix/barcodes"), SthelarError, "expected numbers");
      file[Symbol.dispose]();
      assertThrows(() => file.has("matrix"), SthelarError, "a closed file");
    },
  );
});

Deno.test("a file with any byte damaged reads, or ends in a tagged error naming it", async () => {
  const data = Int32Array.from({ length: 8000 }, (_, i) => (i * 7919) % 1013);
  await withFile(
    (file) => {
      file.write("x", { data, shape: [8000] }, { unit: "count" });
      file.writeStrings("names", ["alpha", "beta"], [2]);
    },
    async (path) => {
      const bytes = await Deno.readFile(path);
      let found = 0;
      for (let at = 0; at < bytes.length; at += 37) {
        const damaged = bytes.slice();
        damaged[at] ^= 0xff;
        await Deno.writeFile(path, damaged);
        try {
          using file = await openHdf5(path);
          file.attributes("x");
          file.read("x");
          file.readStrings("names");
        } catch (error) {
          assert(isSthelarError(error) && error.path === path, `byte ${at}: ${error}`);
          found++;
        }
      }
      assert(found > 50, `${found} found`);
    },
  );
});

testWithData("xenium_ileum_tiny_outs", "openHdf5() reads a 10x matrix", async (path) => {
  using file = await openHdf5(`${path}/cell_feature_matrix.h5`);
  assertEquals(file.readStrings("matrix/barcodes").length, 23);
  const [genes, cells] = file.read("matrix/shape").data;
  assertEquals(Number(cells), 23);
  assertEquals(file.readStrings("matrix/features/id").length, Number(genes));
  const { data } = file.read("matrix/data");
  assertEquals(file.read("matrix/indices").shape, [data.length]);
  assertEquals(file.read("matrix/indptr").shape, [24]);
});

Deno.test("equal content gives equal files, whenever they are written", async () => {
  const files: Uint8Array[] = [];
  for (const wait of [0, 1100]) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    await withFile(
      (file) => file.write("x", { data: Float32Array.of(1, 2), shape: [2] }, {}, "contiguous"),
      (path) => void files.push(Deno.readFileSync(path)),
    );
  }
  assertEquals(files[0], files[1]);
});
