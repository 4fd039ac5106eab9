import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { openZip, ZipWriter } from "@/formats/zip/mod.ts";
import type { Draw } from "./draw.ts";
import { forAll } from "./for_all.ts";

interface Entry {
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly method: "stored" | "deflate";
}

function drawEntries(draw: Draw): Entry[] {
  return draw.list(draw.length(), (i) => ({
    name: `${draw.pick(["", "a/", "µ/ü/"])}${draw.text().replaceAll(/[/\\\p{Cc}:]/gu, "_")}${i}`,
    content: Uint8Array.from(
      { length: draw.pick([0, 1, 100, 70_000]) },
      (_, k) => draw.pick([k, 7]),
    ),
    method: draw.pick(["stored", "deflate"] as const),
  }));
}

async function writeZip(entries: readonly Entry[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new ZipWriter({
    append: (bytes) => Promise.resolve(void parts.push(new Uint8Array(bytes))),
  });
  for (const { name, content, method } of entries) await zip.add(name, content, { method });
  await zip.finish();
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

forAll("zip: names, sizes, methods and content are read back", { cases: 40 }, async (draw) => {
  const entries = drawEntries(draw);
  const disk = new MemoryDisk();
  const bytes = await writeZip(entries);
  assertEquals(await writeZip(entries), bytes, "equal content makes equal archives");
  await disk.write("/a.zip", bytes);
  const archive = await openZip(disk, "/a.zip");
  assertEquals([...archive.entries.keys()], entries.map(({ name }) => name));
  for (const { name, content, method } of entries) {
    const entry = archive.entries.get(name);
    assertEquals([entry?.size, entry?.method], [content.length, method]);
    assertEquals(await archive.read(name), content);
    const from = draw.integer(0, content.length);
    const to = draw.integer(from, content.length);
    assertEquals(await archive.readRange(name, from, to - from), content.slice(from, to));
  }
});

Deno.test("zip: a name that starts with a byte-order mark keeps it, and is another name", async () => {
  const names = ["\ufeffzarr.json", "zarr.json"];
  const content = new Uint8Array(1);
  const disk = new MemoryDisk();
  const entries = names.map((name) => ({ name, content, method: "stored" as const }));
  await disk.write("/a.zip", await writeZip(entries));
  assertEquals([...(await openZip(disk, "/a.zip")).entries.keys()], names);
});

forAll("zip: a name that leaves the folder is refused", { cases: 30 }, async (draw) => {
  const part = draw.pick(["..", "a/..", "a/../../b", "/a", "C:\\a", "..\\a", "a//b", ""]);
  const zip = new ZipWriter({ append: () => Promise.resolve() });
  await assertRejects(() => zip.add(part, new Uint8Array(1)), SthelarError);
});
