import { assert, assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { ZipWriter } from "@/formats/zip/mod.ts";
import { locateStore } from "@/pipeline/locate_store.ts";

const GROUP = '{"zarr_format": 2}';
/** The least that is a store with an element. */
const STORE = [".zgroup", "images/.zgroup", "images/he/.zgroup"];

async function zipped(names: readonly string[], deflate = false): Promise<MemoryDisk> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new ZipWriter({ append: (bytes) => Promise.resolve(void parts.push(bytes.slice())) });
  const method = deflate ? "deflate" : "stored";
  for (const name of names) await zip.add(name, new TextEncoder().encode(GROUP), { method });
  await zip.finish();
  const disk = new MemoryDisk();
  await disk.write("/a.zip", new Uint8Array(await new Blob(parts).arrayBuffer()));
  return disk;
}

async function folder(names: readonly string[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (const name of names) await disk.write(`/a/${name}`, new TextEncoder().encode(GROUP));
  return disk;
}

const below = (top: string, names: readonly string[]) => names.map((name) => `${top}${name}`);

/** Where stores lie, by the files there are. */
const PLACES: readonly (readonly [string, readonly string[], string])[] = [
  ["at the top", STORE, ""],
  ["in a folder of its own, as published", below("sdata_x.zarr/", STORE), "/sdata_x.zarr"],
  ["two folders down", below("sdata_slides/sdata_x.zarr/", STORE), "/sdata_slides/sdata_x.zarr"],
  [
    "beside what a Mac adds",
    [...below("x.zarr/", STORE), ...below("__MACOSX/x.zarr/", STORE), "x.zarr/._y"],
    "/x.zarr",
  ],
  ["of zarr v3", ["x/zarr.json", "x/tables/zarr.json", "x/tables/t/zarr.json"], "/x"],
];

for (const [place, names, root] of PLACES) {
  Deno.test(`a store is found ${place}, in a folder and in zips (vitessce #1818)`, async () => {
    assertEquals((await locateStore(await folder(names), "/a")).root, `/a${root}`);
    for (const deflate of [false, true]) {
      const { disk, root: found } = await locateStore(await zipped(names, deflate), "/a.zip");
      assertEquals(found, `/a.zip${root}`);
      const metadata = names[0].slice(root.length === 0 ? 0 : root.length);
      assertEquals(new TextDecoder().decode(await disk.read(`${found}/${metadata}`)), GROUP);
    }
  });
}

/** What is no store, and what the error must say. */
const REFUSED: readonly (readonly [string, readonly string[], string])[] = [
  [
    "two stores",
    [...below("a.zarr/", STORE), ...below("b.zarr/", STORE)],
    "2 stores: a.zarr, b.zarr",
  ],
  [
    "a store without its root",
    below("x.zarr/", STORE.slice(1)),
    "without the metadata of the store",
  ],
  [
    "a table alone",
    [".zgroup", "X/.zarray", "obs/.zgroup", "var/.zgroup"],
    "a zarr group of X, obs",
  ],
  ["an empty group", [".zgroup"], "a zarr group of nothing"],
  ["other files", ["readme.txt", "x/y/z/w/.zgroup"], "no zarr group in it"],
];

for (const [what, names, says] of REFUSED) {
  Deno.test(`${what} is refused as a store`, async () => {
    await assertRejects(async () => locateStore(await folder(names), "/a"), SthelarError, says);
    await assertRejects(async () => locateStore(await zipped(names), "/a.zip"), SthelarError, says);
  });
}

Deno.test("an archive with a name that leaves its folder is refused", async () => {
  const disk = await zipped(below("xx/", STORE));
  const text = new TextDecoder("latin1").decode(await disk.read("/a.zip"));
  const evil = Uint8Array.from(text.replaceAll("xx/", "../"), (c) => c.charCodeAt(0));
  await disk.write("/a.zip", evil);
  const error = await assertRejects(() => locateStore(disk, "/a.zip"), SthelarError, '".."');
  assert(isSthelarError(error, "CorruptData"));
});

Deno.test("nothing, and a file that is no archive, are told apart", async () => {
  const disk = new MemoryDisk();
  const nothing = await assertRejects(() => locateStore(disk, "/a.zip"), SthelarError);
  assertEquals(nothing.tag, "NotFound");
  await disk.write("/a.zip", new Uint8Array(500));
  const damaged = await assertRejects(() => locateStore(disk, "/a.zip"), SthelarError);
  assertEquals(damaged.tag, "CorruptData");
});
