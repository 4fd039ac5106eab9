import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { readH5ad } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { openHdf5, writeHdf5 } from "@/formats/hdf5/mod.ts";

const FIXTURES = new URL("../../fixtures", import.meta.url).pathname;
const GOOD = `${FIXTURES}/xenium/matrix.h5`;

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A copy of a file in which bytes are others. */
async function damagedCopy(from: string, to: string, at: number, bytes: number[]): Promise<string> {
  const content = await Deno.readFile(from);
  content.set(bytes, at);
  await Deno.writeFile(to, content);
  return to;
}

/** A copy over whose root the library aborts. */
function abortingCopy(folder: string, name = "aborts.h5"): Promise<string> {
  return damagedCopy(GOOD, `${folder}/${name}`, 2056, [0xfe, 0x0f]);
}

/** What reading a file throws. */
async function faultOf(path: string): Promise<SthelarError> {
  return await assertRejects(() => readMatrix(path), SthelarError);
}

/**
 * The same of a file over which the library aborts. An instance that has read another file before may
 * come to an ordinary error instead; it then holds the file, so that the next read is a fresh one's.
 */
async function abortOf(path: string): Promise<SthelarError> {
  const error = await faultOf(path);
  assertEquals([error.tag, error.path], ["CorruptData", path]);
  return error.cause instanceof WebAssembly.RuntimeError ? error : await faultOf(path);
}

async function readMatrix(path: string): Promise<unknown> {
  using file = await openHdf5(path);
  return [
    file.children("/"),
    file.attributes(),
    file.readStrings("matrix/barcodes"),
    file.read("matrix/data"),
    file.read("matrix/indices"),
  ];
}

Deno.test("a good file reads right after each of 50 that abort the library, in bounded memory", () =>
  withFolder(async (folder) => {
    const damaged = await abortingCopy(folder);
    const good = await readMatrix(GOOD);
    await faultOf(damaged);
    const before = Deno.memoryUsage().rss;
    for (let i = 0; i < 50; i++) {
      const error = await abortOf(damaged);
      assertEquals([error.tag, error.path], ["CorruptData", damaged]);
      assert(error.cause instanceof WebAssembly.RuntimeError, String(error.cause));
      assertEquals(await readMatrix(GOOD), good);
    }
    const grown = Deno.memoryUsage().rss - before;
    assert(grown < 700e6, `${grown} bytes for 50 instances of 19 MB and more`);
  }));

Deno.test("a file that was open when the library aborted says so, and closes without a word", () =>
  withFolder(async (folder) => {
    const damaged = await abortingCopy(folder);
    const file = await openHdf5(GOOD);
    await faultOf(damaged);
    const error = assertThrows(() => file.read("matrix/data"), SthelarError, "broke down");
    assertEquals([error.tag, error.path, error.remedy], [
      "CorruptData",
      GOOD,
      "open the file again",
    ]);
    file[Symbol.dispose]();
    using again = await openHdf5(GOOD);
    assert(again.read("matrix/data").data.length > 0);
  }));

Deno.test("a write during which the library aborts over another file fails and leaves no file", () =>
  withFolder(async (folder) => {
    const damaged = await abortingCopy(folder);
    const path = `${folder}/new.h5`;
    const values = { data: Int8Array.of(1, 2), shape: [2] };
    const error = await assertRejects(
      () =>
        writeHdf5(localDisk, path, async (file) => {
          file.write("a", values);
          await faultOf(damaged);
          file.write("b", values);
        }),
      SthelarError,
      "broke down",
    );
    assertEquals(error.path, path);
    await writeHdf5(localDisk, path, (file) => file.write("a", values));
    using file = await openHdf5(path);
    assertEquals(file.read("a"), values);
  }));

Deno.test("a damaged file that is replaced in its place is read anew, not from memory", () =>
  withFolder(async (folder) => {
    const [path, other] = [`${folder}/replaced.h5`, `${folder}/other.h5`];
    const values = Int32Array.from({ length: 8000 }, (_, i) => (i * 7919) % 1013);
    await writeHdf5(localDisk, path, (file) => file.write("x", { data: values, shape: [8000] }));
    const replacement = { data: Float32Array.of(1, 2, 3), shape: [3] };
    await writeHdf5(localDisk, other, (file) => file.write("x", replacement));
    const bytes = await Deno.readFile(path);
    const packed = bytes.findIndex((byte, i) => byte === 0x78 && bytes[i + 1] === 0x5e);
    await damagedCopy(path, path, packed + 8, new Array(40).fill(0xff));
    const read = async () => {
      using file = await openHdf5(path);
      return file.read("x");
    };
    await assertRejects(read, SthelarError);
    await Deno.writeFile(path, await Deno.readFile(other));
    assertEquals(await read(), replacement);
  }));

Deno.test("files that fail at the same time spoil no values of a good one", () =>
  withFolder(async (folder) => {
    const good = await readMatrix(GOOD);
    const names = Array.from({ length: 8 }, (_, i) => `aborts_${i}.h5`);
    const damaged = await Promise.all(names.map((name) => abortingCopy(folder, name)));
    const outcomes = await Promise.allSettled(
      damaged.flatMap((path) => [readMatrix(path), readMatrix(GOOD)]),
    );
    outcomes.forEach((outcome, i) => {
      if (i % 2 === 0) assertEquals(outcome.status, "rejected");
      if (outcome.status === "fulfilled") assertEquals(outcome.value, good);
      else assert(isSthelarError(outcome.reason, "CorruptData"), String(outcome.reason));
    });
    assertEquals(await readMatrix(GOOD), good);
  }));

for (const [megabytes, at, bit] of [[134, 12_379, 3], [1075, 8195, 6]]) {
  Deno.test(`a text that claims ${megabytes} MB takes no such memory`, () =>
    withFolder(async (folder) => {
      const whole = `${FIXTURES}/anndata/legacy.h5ad`;
      const bytes = await Deno.readFile(whole);
      const path = await damagedCopy(whole, `${folder}/t.h5ad`, at, [bytes[at] ^ (1 << bit)]);
      await readH5ad(whole);
      const before = Deno.memoryUsage().rss;
      const error = await assertRejects(() => readH5ad(path), SthelarError);
      assertEquals([error.tag, error.path], ["CorruptData", path]);
      const grown = Deno.memoryUsage().rss - before;
      assert(grown < 120e6, `${grown} bytes`);
    }));
}
