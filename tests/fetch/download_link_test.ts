import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { linkOfUrl, readLinksFile } from "@/fetch/mod.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";

Deno.test("linkOfUrl() unpacks archives, but no zarr store", () => {
  assertEquals(linkOfUrl("https://a.org/x/outs.zip").unpack, "zip");
  assertEquals(linkOfUrl("https://a.org/sdata_heart_s0.zarr.zip").unpack, undefined);
  assertEquals(linkOfUrl("https://a.org/he_image.ome.tif").unpack, undefined);
});

Deno.test("linkOfUrl() takes the name that is given", () => {
  assertEquals(linkOfUrl("https://a.org/get?id=5", { file: "he.ome.tif" }).file, "he.ome.tif");
  assertEquals(linkOfUrl("https://a.org/a%20b.csv").file, "a b.csv");
  assertEquals(linkOfUrl("https://a.org/100%.csv").file, "100%.csv");
});

for (
  const [url, given, says] of [
    ["ftp://a.org/x.zip", {}, "no web address"],
    ["x.zip", {}, "no web address"],
    ["https://a.org/", {}, "names no file"],
    ["https://a.org/..%2F..%2Fx", {}, "the plain name of a file"],
    ["https://a.org/x", { file: "../x" }, "the plain name of a file"],
    ["https://a.org/x", { file: ".." }, "the plain name of a file"],
    ["https://a.org/x", { sha256: "12" }, "64 hexadecimal digits"],
    ["https://a.org/x", { md5: "z".repeat(32) }, "32 hexadecimal digits"],
  ] as const
) {
  Deno.test(`linkOfUrl() refuses ${url} ${JSON.stringify(given)}`, () => {
    assertThrows(() => linkOfUrl(url, given), SthelarError, says);
  });
}

Deno.test("readLinksFile() names the entry at fault", async () => {
  const disk = new MemoryDisk();
  const read = async (value: unknown) => {
    await disk.write("/l.json", new TextEncoder().encode(JSON.stringify(value)));
    return await readLinksFile(disk, "/l.json");
  };
  const good = { url: "https://a.org/x.zip", file: "x.zip", bytes: 5, unpack: "zip" };
  assertEquals(await read([good]), [good as never]);
  for (
    const [value, says] of [
      [{}, "a JSON list of links"],
      [[good, 3], 'link 1 of "/l.json"'],
      [[{ ...good, sha: "1" }], 'a key "sha"'],
      [[{ ...good, bytes: -1 }], "bytes -1"],
      [[{ ...good, unpack: "tar" }], "unpack tar"],
      [[{ ...good, file: "x" }], "a name that ends in .zip"],
    ] as const
  ) {
    await assertRejects(() => read(value), SthelarError, says);
  }
});

Deno.test("readLinksFile() tells a missing file from a damaged one", async () => {
  const disk = new MemoryDisk();
  await assertRejects(() => readLinksFile(disk, "/l.json"), SthelarError, '"/l.json"');
  await disk.write("/l.json", new TextEncoder().encode("[{"));
  await assertRejects(() => readLinksFile(disk, "/l.json"), SthelarError, "a JSON list of links");
});
