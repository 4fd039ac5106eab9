import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { openZip, type ZipArchive, zipDisk, ZipWriter } from "@/formats/zip/mod.ts";

/** Bytes that shrink when deflated, but not to nothing. */
function content(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 7;
  for (let i = 0; i < length; i++) {
    state = (1664525 * state + 1013904223) >>> 0;
    bytes[i] = state >>> 28;
  }
  return bytes;
}

const CONTENT = content(200_000);

async function archiveBytes(method: "stored" | "deflate", bytes: Uint8Array): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const zip = new ZipWriter({
    append: (part) => {
      parts.push(part.slice());
      return Promise.resolve();
    },
  });
  await zip.add("before", Uint8Array.of(1, 2, 3), { method });
  await zip.add("a", bytes, { method });
  await zip.add("after", Uint8Array.of(4), { method });
  await zip.finish();
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

async function openBytes(bytes: Uint8Array): Promise<ZipArchive> {
  const disk = new MemoryDisk();
  await disk.write("/a.zip", bytes);
  return await openZip(disk, "/a.zip");
}

for (const method of ["stored", "deflate"] as const) {
  const archive = await openBytes(await archiveBytes(method, CONTENT));

  Deno.test(`readRange() of a ${method} entry gives the bytes, forwards, backwards and at once`, async () => {
    const ranges = [[0, 10], [10, 65_536], [150_000, 50_000], [7, 1], [199_999, 1], [5, 0], [
      0,
      200_000,
    ]];
    for (const [offset, length] of ranges) {
      const read = await archive.readRange("a", offset, length);
      assertEquals(read, CONTENT.slice(offset, offset + length) as typeof read);
    }
    const atOnce = await Promise.all(
      ranges.map(([offset, length]) => archive.readRange("a", offset, length)),
    );
    assertEquals(atOnce.map(({ length }) => length), ranges.map(([, length]) => length));
    assert(atOnce.every((part, i) => part.every((byte, j) => byte === CONTENT[ranges[i][0] + j])));
  });

  Deno.test(`readRange() of a ${method} entry past its end is CorruptData and says how long it is`, async () => {
    for (const [offset, length] of [[199_999, 2], [-1, 2], [0, -1], [2 ** 40, 1]]) {
      const error = await assertRejects(
        () => archive.readRange("a", offset, length),
        SthelarError,
        "200000 bytes",
      );
      assertEquals([error.tag, error.path], ["CorruptData", "/a.zip"]);
    }
  });
}

Deno.test("readRange() of a deflated entry passes over megabytes", async () => {
  const large = content(9_000_000);
  const archive = await openBytes(await archiveBytes("deflate", large));
  for (const [offset, length] of [[1, 1], [4_000_000, 10], [8_999_000, 1000]]) {
    const read = await archive.readRange("a", offset, length);
    assertEquals(read, large.slice(offset, offset + length) as typeof read);
  }
});

Deno.test("a flipped byte of a deflated entry is found when the range reaches its end", async () => {
  const intact = await archiveBytes("deflate", CONTENT);
  const { offset, compressedSize } = (await openBytes(intact)).entries.get("a")!;
  for (let at = offset + 40; at < offset + compressedSize; at += 997) {
    const damaged = intact.slice();
    damaged[at] ^= 0x10;
    const archive = await openBytes(damaged);
    const error = await assertRejects(
      () => archive.readRange("a", 100_000, 100_000),
      SthelarError,
    );
    assertEquals([error.tag, error.path], ["CorruptData", "/a.zip"]);
    assertEquals(await archive.readRange("before", 1, 2), Uint8Array.of(2, 3));
  }
});

Deno.test("a large deflated entry is read in small parts, once from start to end", async () => {
  const large = content(24 * 2 ** 20);
  const memory = new MemoryDisk();
  await memory.write("/large.zip", await archiveBytes("deflate", large));
  const reads: number[] = [];
  const spy: Disk = Object.assign(Object.create(memory), {
    readRange(path: string, offset: number, length: number) {
      reads.push(length);
      return memory.readRange(path, offset, length);
    },
  });
  const disk = zipDisk(await openZip(spy, "/large.zip"));
  reads.length = 0;
  const step = 3 * 2 ** 20;
  for (let at = 0; at < large.length; at += step) {
    const part = await disk.readRange("/a", at, step);
    assert(part?.every((byte, i) => byte === large[at + i]));
    if (at === 0) assert(sum(reads) <= 8 * 2 ** 20, `${sum(reads)} bytes for the first part`);
  }
  const { compressedSize } = (await openZip(memory, "/large.zip")).entries.get("a")!;
  assert(compressedSize > 8 * 2 ** 20 && Math.max(...reads) <= 2 ** 20);
  assertEquals(sum(reads), compressedSize + 30);
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
