import { assert, assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { createGroup, openArray, openGroup, writeArray, writeStrings } from "@/formats/zarr/mod.ts";

const fixtures = new URL("../../fixtures/zarr", import.meta.url).pathname;

async function storeInMemory(name: string): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const copy = async (path: string) => {
    for await (const entry of Deno.readDir(`${fixtures}/${path}`)) {
      const below = `${path}/${entry.name}`;
      if (entry.isDirectory) await copy(below);
      else disk.files.set(`/${below}`, await Deno.readFile(`${fixtures}/${below}`));
    }
  };
  await copy(name);
  return disk;
}

async function readAll(disk: MemoryDisk, path: string): Promise<unknown> {
  const array = await openArray(disk, path);
  return array.dtype === "string" ? await array.readStrings() : (await array.read()).data;
}

/** A reading that went well, or a tagged error that names a file of the array. */
async function outcome(disk: MemoryDisk, path: string): Promise<unknown> {
  try {
    return await readAll(disk, path);
  } catch (error) {
    assert(isSthelarError(error), `not a SthelarError: ${error}`);
    assert(error.path?.startsWith(path), `${error.message} names ${error.path}`);
    return error;
  }
}

Deno.test("a chunk cut short at any byte is CorruptData naming the chunk", async () => {
  const disk = new MemoryDisk();
  const data = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i));
  await writeArray(disk, "/n", { data, shape: [100] });
  await writeStrings(disk, "/s", ["alpha", "beta", "gamma"], [3]);
  for (const [path, file] of [["/n", "/n/c/0"], ["/s", "/s/c/0"]]) {
    const bytes = disk.files.get(file)!;
    for (let length = 0; length < bytes.length; length++) {
      disk.files.set(file, bytes.slice(0, length));
      const error = await assertRejects(() => readAll(disk, path), SthelarError);
      assertEquals([error.tag, error.path], ["CorruptData", file], `${length} bytes`);
    }
  }
});

Deno.test("a flipped bit in a chunk of ours is found, or changes nothing", async () => {
  const disk = new MemoryDisk();
  const data = Int32Array.from({ length: 50 }, (_, i) => (i * 7919) % 101);
  await writeArray(disk, "/n", { data, shape: [50] });
  const bytes = disk.files.get("/n/c/0")!;
  let found = 0;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    disk.files.set("/n/c/0", flipped);
    const result = await outcome(disk, "/n");
    if (isSthelarError(result, "CorruptData")) found++;
    else assertEquals(result, data, `bit ${bit}`);
  }
  assert(found > bytes.length * 8 * 0.9, `${found} of ${bytes.length * 8}`);
});

for (const store of ["v2.zarr", "v3.zarr"]) {
  Deno.test(`chunks of ${store} cut in half end in a tagged error`, async () => {
    const disk = await storeInMemory(store);
    const isMetadata = /zarr\.json|\.z(array|group|attrs|metadata)$/;
    let failed = 0;
    for (const [file, bytes] of [...disk.files]) {
      if (isMetadata.test(file)) continue;
      const array = [...disk.files.keys()]
        .filter((name) => /zarr\.json$|\.zarray$/.test(name))
        .map((name) => name.slice(0, name.lastIndexOf("/")))
        .filter((path) => file.startsWith(`${path}/`))
        .sort((a, b) => b.length - a.length)[0];
      if (array.endsWith("/records")) continue;
      disk.files.set(file, bytes.slice(0, bytes.length >> 1));
      const result = await outcome(disk, array);
      assert(isSthelarError(result), `${file} was read`);
      disk.files.set(file, bytes);
      failed++;
    }
    assert(failed > 30);
  });

  Deno.test(`metadata of ${store} with a byte changed never hangs or ends in another error`, async () => {
    const disk = await storeInMemory(store);
    for (const name of ["zstd", "bool", "texts", "fixed_unicode"]) {
      const file = `/${store}/${name}/${store === "v2.zarr" ? ".zarray" : "zarr.json"}`;
      const bytes = disk.files.get(file)!;
      for (let at = 0; at < bytes.length; at++) {
        for (const replacement of ["9", '"', "}"]) {
          const changed = bytes.slice();
          changed[at] = replacement.charCodeAt(0);
          disk.files.set(file, changed);
          await outcome(disk, `/${store}/${name}`);
        }
        disk.files.set(file, bytes.slice(0, at));
        const cut = await outcome(disk, `/${store}/${name}`);
        assert(isSthelarError(cut), `cut at ${at}`);
      }
      disk.files.set(file, bytes);
    }
  });
}

function arrayDocument(changes: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({
    shape: [4],
    data_type: "int32",
    chunk_grid: { name: "regular", configuration: { chunk_shape: [4] } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [{ name: "bytes", configuration: { endian: "little" } }],
    zarr_format: 3,
    node_type: "array",
    ...changes,
  }));
}

Deno.test("declared shapes that cannot be right are errors before memory is taken", async () => {
  const chunk = (extent: number) => ({
    chunk_grid: { name: "regular", configuration: { chunk_shape: [extent] } },
  });
  const cases: [object, string][] = [
    [{ shape: [2 ** 40] }, "OverBudget"],
    [{ shape: [2 ** 30], ...chunk(1) }, "OverBudget"],
    [{ shape: [2 ** 40], ...chunk(2 ** 40) }, "CorruptData"],
    [{ shape: [-1] }, "CorruptData"],
    [{ shape: [1.5] }, "CorruptData"],
    [{ shape: "4" }, "CorruptData"],
    [{ shape: [2, 2] }, "CorruptData"],
    [{ zarr_format: 4 }, "UnsupportedVersion"],
    [{ node_type: "table" }, "CorruptData"],
    [{ data_type: "complex64" }, "UnsupportedVersion"],
    [{ codecs: [{ name: "brotli", configuration: {} }] }, "UnsupportedVersion"],
    [{ chunk_grid: { name: "rectilinear" } }, "CorruptData"],
  ];
  for (const [changes, tag] of cases) {
    const disk = new MemoryDisk();
    await disk.write("/a/zarr.json", arrayDocument(changes));
    await disk.write("/a/c/0", new Uint8Array(16));
    const error = await assertRejects(() => readAll(disk, "/a"), SthelarError);
    assertEquals(error.tag, tag as typeof error.tag, JSON.stringify(changes));
    assert(error.path?.startsWith("/a"));
  }
});

Deno.test("several unknown codecs are one error, and no rejection that nobody waits for", async () => {
  const unheard: string[] = [];
  const listen = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unheard.push(String(event.reason));
  };
  globalThis.addEventListener("unhandledrejection", listen);
  const unknown = ["first", "second", "third"].map((name) => ({ name, configuration: {} }));
  const bytes = { name: "bytes", configuration: { endian: "little" } };
  const sharded = {
    name: "sharding_indexed",
    configuration: { chunk_shape: [2], codecs: [bytes, ...unknown], index_codecs: unknown },
  };
  const version2 = {
    zarr_format: 2,
    shape: [4],
    chunks: [4],
    dtype: "<i4",
    fill_value: 0,
    order: "C",
    compressor: { id: "second" },
    filters: [{ id: "first" }, { id: "third" }],
  };
  const stores: [string, Uint8Array<ArrayBuffer>][] = [
    ["/a/zarr.json", arrayDocument({ codecs: [bytes, ...unknown] })],
    ["/a/zarr.json", arrayDocument({ codecs: [sharded] })],
    ["/a/.zarray", new TextEncoder().encode(JSON.stringify(version2))],
  ];
  for (const [file, document] of stores) {
    const disk = new MemoryDisk();
    await disk.write(file, document);
    await disk.write("/a/c/0", new Uint8Array(16));
    await disk.write("/a/0", new Uint8Array(16));
    const error = await assertRejects(() => readAll(disk, "/a"), SthelarError, "first");
    assertEquals([error.tag, error.path], ["UnsupportedVersion", "/a"]);
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  globalThis.removeEventListener("unhandledrejection", listen);
  assertEquals(unheard, []);
});

Deno.test("a chunk that unpacks to more than its shape is refused", async () => {
  const disk = new MemoryDisk();
  await writeArray(disk, "/big", { data: new Int32Array(10_000).fill(7), shape: [10_000] });
  await writeArray(disk, "/a", { data: Int32Array.of(1, 2, 3, 4), shape: [4] });
  disk.files.set("/a/c/0", disk.files.get("/big/c/0")!);
  const error = await assertRejects(() => readAll(disk, "/a"), SthelarError);
  assertEquals([error.tag, error.path], ["CorruptData", "/a/c/0"]);
});

Deno.test("openGroup() says what is missing and names what is near", async () => {
  const disk = new MemoryDisk();
  await createGroup(disk, "/s");
  await createGroup(disk, "/s/labels");
  const group = await openGroup(disk, "/s");
  const error = await assertRejects(
    () => group.group("label"),
    SthelarError,
    'did you mean "labels"',
  );
  assertEquals([error.tag, error.path], ["NotFound", "/s/label"]);
  await assertRejects(() => group.array("labels"), SthelarError, "found a zarr group");
  await assertRejects(
    () => openGroup(localDisk, "/nowhere/s.zarr"),
    SthelarError,
    "no zarr metadata",
  );
});
