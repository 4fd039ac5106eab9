import { assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { openZip, zipDisk, zipFolder, ZipWriter } from "@/formats/zip/mod.ts";
import { centralHeader, endRecords } from "@/formats/zip/records.ts";
import { testWithData } from "../../test_data.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** An archive in memory, and its writer. */
function memoryZip(): { zip: ZipWriter; save: (disk: MemoryDisk, path: string) => Promise<void> } {
  const parts: number[] = [];
  const zip = new ZipWriter({
    append: (bytes) => {
      for (const byte of bytes) parts.push(byte);
      return Promise.resolve();
    },
  });
  return { zip, save: (disk, path) => disk.write(path, Uint8Array.from(parts)) };
}

async function sampleArchive(disk: MemoryDisk): Promise<void> {
  const { zip, save } = memoryZip();
  await zip.addFolder("a.zarr");
  await zip.add("a.zarr/zarr.json", text('{"zarr_format": 3}'));
  await zip.add("a.zarr/c/0", new Uint8Array(3000).fill(7), { method: "deflate" });
  await zip.addStream("a.zarr/c/1", [text("one "), text("two")]);
  await zip.addStream("a.zarr/c/µ", [new Uint8Array(5000), text("end")], { method: "deflate" });
  await zip.finish();
  await save(disk, "/a.zip");
}

Deno.test("ZipWriter and openZip() keep stored, deflated and streamed entries", async () => {
  const disk = new MemoryDisk();
  await sampleArchive(disk);
  const archive = await openZip(disk, "/a.zip");
  assertEquals([...archive.entries.keys()], [
    "a.zarr/",
    "a.zarr/zarr.json",
    "a.zarr/c/0",
    "a.zarr/c/1",
    "a.zarr/c/µ",
  ]);
  assertEquals(await archive.read("a.zarr/c/0"), new Uint8Array(3000).fill(7));
  assertEquals(new TextDecoder().decode(await archive.read("a.zarr/c/1")), "one two");
  assertEquals((await archive.read("a.zarr/c/µ")).length, 5003);
  assertEquals((archive.entries.get("a.zarr/c/0")?.compressedSize ?? 0) < 100, true);
});

Deno.test("equal content makes equal archives", async () => {
  const [first, second] = [new MemoryDisk(), new MemoryDisk()];
  await sampleArchive(first);
  await sampleArchive(second);
  assertEquals(first.files.get("/a.zip"), second.files.get("/a.zip"));
});

Deno.test("an archive cut short at any byte is CorruptData and names it", async () => {
  const disk = new MemoryDisk();
  await sampleArchive(disk);
  const whole = await disk.read("/a.zip") as Uint8Array;
  for (let length = 0; length < whole.length; length++) {
    await disk.write("/cut.zip", whole.subarray(0, length));
    const error = await assertRejects(() => openZip(disk, "/cut.zip"), SthelarError);
    assertEquals([error.tag, error.path], ["CorruptData", "/cut.zip"]);
  }
});

Deno.test("a flipped byte is found by the checksum or gives a tagged error", async () => {
  const disk = new MemoryDisk();
  await sampleArchive(disk);
  const whole = await disk.read("/a.zip") as Uint8Array;
  const good = await openZip(disk, "/a.zip");
  const contents = new Map<string, Uint8Array>();
  for (const name of good.entries.keys()) contents.set(name, await good.read(name));
  for (let at = 0; at < whole.length; at++) {
    const damaged = whole.slice();
    damaged[at] ^= 0xff;
    await disk.write("/flipped.zip", damaged);
    try {
      const archive = await openZip(disk, "/flipped.zip");
      for (const [name, content] of contents) assertEquals(await archive.read(name), content);
    } catch (error) {
      if (!isSthelarError(error)) throw error;
    }
  }
});

Deno.test("names that leave the folder are refused on writing and on reading", async () => {
  for (const name of ["../evil", "/etc/passwd", "a/../../b", "C:/x", "a\\b", "", "a//b"]) {
    const { zip } = memoryZip();
    await assertRejects(() => zip.add(name, text("x")), SthelarError, "Cannot add");
  }
  const disk = new MemoryDisk();
  const { zip, save } = memoryZip();
  await zip.add("xxx/evil", text("x"));
  await zip.finish();
  await save(disk, "/evil.zip");
  const evil = await disk.read("/evil.zip") as Uint8Array;
  for (let at = 0; at + 3 < evil.length; at++) {
    if (evil[at] === 120 && evil[at + 1] === 120 && evil[at + 2] === 120) evil.set(text("../"), at);
  }
  await disk.write("/evil.zip", evil);
  const error = await assertRejects(() => openZip(disk, "/evil.zip"), SthelarError);
  assertEquals(error.tag, "CorruptData");
});

Deno.test("a name is taken once, and one entry is written at a time", async () => {
  const { zip } = memoryZip();
  await zip.add("a", text("x"));
  await assertRejects(() => zip.add("a", text("y")), SthelarError, "an entry of this name");
  const slow = zip.addStream(
    "b",
    (async function* () {
      await Promise.resolve();
      yield text("b");
    })(),
  );
  await assertRejects(() => zip.add("c", text("c")), SthelarError, "still being written");
  await slow;
});

Deno.test("an error of the content reaches the caller of addStream()", async () => {
  for (const method of ["stored", "deflate"] as const) {
    const { zip } = memoryZip();
    const content = (async function* () {
      yield text("part");
      await Promise.resolve();
      throw new RangeError("the source failed");
    })();
    await assertRejects(() => zip.addStream("a", content, { method }), RangeError, "source failed");
  }
});

Deno.test("zip64 numbers of large archives come back", async () => {
  const entry = {
    name: "big",
    method: "stored" as const,
    crc32: 1,
    size: 5e9,
    compressedSize: 5e9,
    offset: 6e9,
  };
  const directory = centralHeader(entry, true);
  const disk = new MemoryDisk();
  const bytes = new Uint8Array([...directory, ...endRecords(70000, 0, directory.length)]);
  await disk.write("/many.zip", bytes);
  const counted = await assertRejects(() => openZip(disk, "/many.zip"), SthelarError);
  assertEquals(counted.expected, "70000");
  const view = new DataView(bytes.buffer);
  view.setBigUint64(directory.length + 24, 1n, true);
  view.setBigUint64(directory.length + 32, 1n, true);
  await disk.write("/big.zip", bytes);
  assertEquals((await openZip(disk, "/big.zip")).entries.get("big"), entry);
});

Deno.test("more than 65,535 entries need zip64 and come back", async () => {
  const disk = new MemoryDisk();
  const parts: Uint8Array[] = [];
  const zip = new ZipWriter({ append: (bytes) => Promise.resolve(void parts.push(bytes.slice())) });
  for (let i = 0; i < 66_000; i++) await zip.add(`f/${i}`, Uint8Array.of(i & 255));
  await zip.finish();
  await disk.write("/many.zip", new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()));
  const archive = await openZip(disk, "/many.zip");
  assertEquals(archive.entries.size, 66_000);
  assertEquals([...await archive.read("f/65999")], [65999 & 255]);
});

Deno.test("an encrypted entry or another method is refused", async () => {
  const disk = new MemoryDisk();
  await sampleArchive(disk);
  const bytes = await disk.read("/a.zip") as Uint8Array;
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 < bytes.length; at++) {
    if (view.getUint32(at, true) === 0x02014b50) view.setUint16(at + 10, 12, true);
  }
  await disk.write("/other.zip", bytes);
  const error = await assertRejects(() => openZip(disk, "/other.zip"), SthelarError);
  assertEquals([error.tag, error.found], ["UnsupportedVersion", "compression method 12"]);
});

Deno.test("a missing archive is NotFound, a missing entry names the nearest", async () => {
  const disk = new MemoryDisk();
  await assertRejects(() => openZip(disk, "/none.zip"), SthelarError, 'Cannot open "/none.zip"');
  await sampleArchive(disk);
  const archive = await openZip(disk, "/a.zip");
  const error = await assertRejects(() => archive.read("a.zarr/zarr.jso"), SthelarError);
  assertEquals([error.tag, error.remedy?.includes('"a.zarr/zarr.json"')], ["NotFound", true]);
});

Deno.test("zipFolder() packs a folder in order with its root inside", async () => {
  const disk = new MemoryDisk();
  await disk.write("/out/s.zarr/images/he/0", new Uint8Array(20).fill(1));
  await disk.write("/out/s.zarr/zarr.json", text("{}"));
  await disk.write("/out/s.zarr/points/big", new Uint8Array(17 * 2 ** 20).fill(9));
  const seen: string[] = [];
  const count = await zipFolder(disk, "/out/s.zarr", "/out/s.zip", {
    rootName: "sdata_heart_s0.zarr",
    progress: { update: (done, total, unit) => void seen.push(`${done}/${total} ${unit}`) },
  });
  assertEquals([count, seen], [3, ["1/3 files", "2/3 files", "3/3 files"]]);
  const archive = await openZip(disk, "/out/s.zip");
  assertEquals([...archive.entries.keys()], [
    "sdata_heart_s0.zarr/",
    "sdata_heart_s0.zarr/zarr.json",
    "sdata_heart_s0.zarr/images/",
    "sdata_heart_s0.zarr/images/he/",
    "sdata_heart_s0.zarr/images/he/0",
    "sdata_heart_s0.zarr/points/",
    "sdata_heart_s0.zarr/points/big",
  ]);
  assertEquals((await archive.read("sdata_heart_s0.zarr/points/big")).at(-1), 9);
  assertEquals(await disk.list("/out"), ["s.zarr", "s.zip"]);
});

Deno.test("zipFolder() stopped half-way leaves no archive", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["a", "b", "c"]) await localDisk.write(`${folder}/s/${name}`, text(name));
    const stop = new AbortController();
    const error = await assertRejects(
      () =>
        zipFolder(localDisk, `${folder}/s`, `${folder}/s.zip`, {
          signal: stop.signal,
          progress: { update: () => stop.abort() },
        }),
      SthelarError,
    );
    assertEquals(error.tag, "Aborted");
    assertEquals(await localDisk.list(folder), ["s"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("zipFolder() of an absent folder is NotFound", async () => {
  await assertRejects(
    () => zipFolder(new MemoryDisk(), "/no", "/no.zip"),
    SthelarError,
    "no files",
  );
});

Deno.test("zipDisk() lists folders that have no entries of their own and refuses writing", async () => {
  const disk = new MemoryDisk();
  await sampleArchive(disk);
  const inside = zipDisk(await openZip(disk, "/a.zip"));
  assertEquals(await inside.list("/a.zarr"), ["c", "zarr.json"]);
  assertEquals(await inside.list("/a.zarr/c"), ["0", "1", "µ"]);
  assertEquals((await inside.stat("/a.zarr/c"))?.isDirectory, true);
  assertEquals(await inside.stat("/b"), undefined);
  assertEquals(await inside.read("/b"), undefined);
  assertEquals([...await inside.readRange("/a.zarr/c/1", 4, 3) ?? []], [...text("two")]);
  await assertRejects(() => inside.readRange("/a.zarr/c/1", 4, 30), SthelarError);
  await assertRejects(() => inside.write("/x", text("x")), SthelarError, "only read");
});

Deno.test("endRecords() stay in the old form where that is enough", () => {
  assertEquals(endRecords(3, 10, 20).length, 22);
  assertEquals(endRecords(3, 2 ** 32, 20).length, 98);
});

testWithData("xenium_ileum_tiny_outs", "openZip() reads cells.zarr.zip of 10x", async (folder) => {
  const archive = await openZip(localDisk, `${folder}/cells.zarr.zip`);
  assertEquals(archive.entries.has("cell_id/.zarray"), true);
  const metadata = JSON.parse(new TextDecoder().decode(await archive.read("cell_id/.zarray")));
  assertEquals(metadata.shape, [23, 2]);
});
