import { openZip, zipDisk, zipFolder, ZipWriter } from "@/formats/zip/mod.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { diskOf, textFile } from "../seed_files.ts";
import { type Bytes, expectThat, type NamedSample, type Target } from "../target.ts";

const PATH = "/a.zip";

/** Zip archives: stored, deflated, streamed with descriptors, zip64. */
export const zip: Target = {
  name: "zip",
  async seeds() {
    const texts = ["", "hello", "x".repeat(3000)];
    return [
      await archive("stored", async (writer) => {
        await writer.addFolder("s");
        for (const [i, text] of texts.entries()) await writer.add(`s/${i}`, textFile(text));
      }),
      await archive("deflated", async (writer) => {
        for (const [i, text] of texts.entries()) {
          await writer.add(`d/${i}`, textFile(text), { method: "deflate" });
        }
      }),
      await archive("streamed", async (writer) => {
        for (const [i, text] of texts.entries()) await writer.addStream(`t/${i}`, [textFile(text)]);
      }),
      await folder(),
      { name: "zip64", files: new Map([[PATH, zip64Archive()]]) },
    ];
  },
  hostile() {
    const entry = (name: string, size: bigint, offset = 0n) => zip64Archive(name, size, offset);
    const samples: [string, Bytes][] = [
      ["an entry of 2^60 bytes", entry("a", 2n ** 60n)],
      ["an entry at byte 2^63", entry("a", 5n, 2n ** 63n)],
      ["a path that leaves the folder", entry("../evil", 5n)],
      ["an absolute path", entry("/etc/passwd", 5n)],
      ["a folder 30,000 deep", entry("a/".repeat(30_000) + "b", 5n)],
      ["60,000 folders in one name", entry("a".repeat(60_000), 5n)],
    ];
    return Promise.resolve(
      samples.map(([name, bytes]) => ({ name, files: new Map([[PATH, bytes]]) })),
    );
  },
  async read(files) {
    const opened = await openZip(diskOf(files), PATH);
    const disk = zipDisk(opened);
    const contents = new Map<string, unknown>();
    for (const [name, { size, crc32 }] of opened.entries) {
      expectThat(!name.split("/").includes(".."), `an entry "${name}"`);
      if (name.endsWith("/")) contents.set(name, await disk.list(`/${name}`));
      else {
        const bytes = await opened.read(name);
        expectThat(bytes.length === size, `${bytes.length} bytes for ${size}`);
        contents.set(name, [bytes, crc32]);
      }
    }
    contents.set("", await disk.list("/"));
    return contents;
  },
};

async function archive(
  name: string,
  fill: (writer: ZipWriter) => Promise<void>,
): Promise<NamedSample> {
  const parts: Uint8Array[] = [];
  const writer = new ZipWriter({
    append: (bytes: Uint8Array) => Promise.resolve(void parts.push(bytes.slice())),
  });
  await fill(writer);
  await writer.finish();
  return {
    name,
    files: new Map([[PATH, new Uint8Array(await new Blob(parts as Bytes[]).arrayBuffer())]]),
  };
}

async function folder(): Promise<NamedSample> {
  const disk = new MemoryDisk();
  await disk.write("/s.zarr/zarr.json", textFile("{}"));
  await disk.write("/s.zarr/a/c/0", textFile("chunk"));
  await zipFolder(disk, "/s.zarr", PATH);
  return { name: "folder", files: new Map([[PATH, disk.files.get(PATH)!]]) };
}

/** An archive of one stored entry "hello" whose every number stands in zip64 fields. */
function zip64Archive(name = "s/hello", size = 5n, offset = 0n): Bytes {
  const nameBytes = textFile(name);
  const content = textFile("hello");
  const local = new DataView(new ArrayBuffer(30));
  local.setUint32(0, 0x04034b50, true);
  local.setUint16(4, 45, true);
  local.setUint32(14, 0x3610a686, true);
  local.setUint32(18, 5, true);
  local.setUint32(22, 5, true);
  local.setUint16(26, nameBytes.length, true);
  const central = new DataView(new ArrayBuffer(46));
  central.setUint32(0, 0x02014b50, true);
  central.setUint32(16, 0x3610a686, true);
  central.setUint32(20, 0xffffffff, true);
  central.setUint32(24, 0xffffffff, true);
  central.setUint16(28, nameBytes.length, true);
  central.setUint16(30, 28, true);
  central.setUint32(42, 0xffffffff, true);
  const extra = new DataView(new ArrayBuffer(28));
  extra.setUint16(0, 1, true);
  extra.setUint16(2, 24, true);
  extra.setBigUint64(4, size, true);
  extra.setBigUint64(12, size, true);
  extra.setBigUint64(20, offset, true);
  const start = 30 + nameBytes.length + content.length;
  const length = 46 + nameBytes.length + 28;
  const end = new DataView(new ArrayBuffer(98));
  end.setUint32(0, 0x06064b50, true);
  end.setBigUint64(4, 44n, true);
  end.setBigUint64(24, 1n, true);
  end.setBigUint64(32, 1n, true);
  end.setBigUint64(40, BigInt(length), true);
  end.setBigUint64(48, BigInt(start), true);
  end.setUint32(56, 0x07064b50, true);
  end.setBigUint64(64, BigInt(start + length), true);
  end.setUint32(72, 1, true);
  end.setUint32(76, 0x06054b50, true);
  end.setUint16(84, 0xffff, true);
  end.setUint16(86, 0xffff, true);
  end.setUint32(88, 0xffffffff, true);
  end.setUint32(92, 0xffffffff, true);
  const parts = [local, nameBytes, content, central, nameBytes, extra, end];
  const bytes = new Uint8Array(start + length + 98);
  let at = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return bytes;
}
