import { assert, assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { unpackZip } from "@/fetch/mod.ts";
import { ZipWriter } from "@/formats/zip/mod.ts";

const LARGE = Uint8Array.from({ length: 9_000_000 }, (_, i) => (i * 2654435761) >>> 26);

async function zipOf(
  entries: Readonly<Record<string, Uint8Array>>,
  method: "stored" | "deflate",
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new ZipWriter({ append: (bytes) => Promise.resolve(void parts.push(bytes.slice())) });
  for (const [name, content] of Object.entries(entries)) await zip.add(name, content, { method });
  await zip.finish();
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function withZip(
  bytes: Uint8Array,
  use: (zip: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/a.zip`, bytes);
    await use(`${folder}/a.zip`, `${folder}/a`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const text = (content: string) => new TextEncoder().encode(content);

for (const method of ["stored", "deflate"] as const) {
  Deno.test(`unpackZip() leaves out the folder around all and a Mac's files (${method})`, async () => {
    const zip = await zipOf({
      "outs/experiment.xenium": text("{}"),
      "outs/analysis/big.bin": LARGE,
      "outs/empty": text(""),
      "__MACOSX/outs/._experiment.xenium": text("x"),
      "outs/._x": text("x"),
      "outs/.DS_Store": text("x"),
    }, method);
    await withZip(zip, async (path, folder) => {
      const units = new Set<string>();
      const progress = { update: (_done: number, _total: number, unit: string) => units.add(unit) };
      assertEquals(await unpackZip(path, folder, { progress }), 3);
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
        "analysis",
        "empty",
        "experiment.xenium",
      ]);
      assertEquals(await Deno.readFile(`${folder}/analysis/big.bin`), LARGE);
      assertEquals([...units], ["bytes unpacked"]);
    });
  });

  Deno.test(`a flat archive is unpacked as it is (${method})`, async () => {
    const zip = await zipOf({ "experiment.xenium": text("{}"), "a/b": text("1") }, method);
    await withZip(zip, async (path, folder) => {
      await unpackZip(path, folder);
      assertEquals(await Deno.readTextFile(`${folder}/a/b`), "1");
    });
  });

  Deno.test(`a damaged entry leaves no folder (${method})`, async () => {
    const zip = await zipOf({ "a/x": LARGE.subarray(0, 50_000), "a/y": text("y") }, method);
    zip[Math.floor(zip.length / 3)] ^= 255;
    await withZip(zip, async (path, folder) => {
      const error = await assertRejects(() => unpackZip(path, folder), SthelarError, "a.zip");
      assert(isSthelarError(error, "CorruptData"));
      assertEquals([...Deno.readDirSync(folder.replace(/\/a$/, ""))].map(({ name }) => name), [
        "a.zip",
      ]);
    });
  });
}

Deno.test("a name that leaves the folder is refused", async () => {
  const zip = await zipOf({ "aaa/bbb/x": text("1"), "aaa/y": text("2") }, "stored");
  const renamed = new TextDecoder("latin1").decode(zip).replaceAll("aaa/bbb/x", "../..//bx");
  const evil = Uint8Array.from(renamed, (c) => c.charCodeAt(0));
  await withZip(evil, async (path, folder) => {
    await assertRejects(() => unpackZip(path, folder), SthelarError, '".."');
    assertEquals(await Deno.stat(folder).catch(() => undefined), undefined);
  });
});

Deno.test("a truncated archive says that it is cut short", async () => {
  const zip = await zipOf({ "a/x": LARGE }, "stored");
  await withZip(zip.subarray(0, zip.length - 10), async (path, folder) => {
    await assertRejects(() => unpackZip(path, folder), SthelarError, "cut short or damaged");
  });
});

Deno.test("nothing that is there is overwritten", async () => {
  await withZip(await zipOf({ "a/x": text("1") }, "stored"), async (path, folder) => {
    await Deno.mkdir(folder);
    await assertRejects(() => unpackZip(path, folder), SthelarError, "something there");
  });
});

Deno.test("stopped by the user, nothing is left", async () => {
  await withZip(await zipOf({ "a/x": LARGE, "a/y": LARGE }, "stored"), async (path, folder) => {
    const stop = new AbortController();
    const progress = {
      update: () => stop.abort(new SthelarError("Aborted", { action: "Stopped" })),
    };
    const error = await assertRejects(
      () => unpackZip(path, folder, { progress, signal: stop.signal }),
      SthelarError,
    );
    assertEquals(error.tag, "Aborted");
    assertEquals(await Deno.stat(`${folder}.unpacking`).catch(() => undefined), undefined);
  });
});
