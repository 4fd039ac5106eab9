import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { downloadFile, type DownloadLink, type DownloadOptions } from "@/fetch/mod.ts";
import { type Answer, type FileServer, type ServedFile, serveFile } from "./file_server.ts";

const CONTENT = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 24);
const OTHER = CONTENT.map((value) => value ^ 1);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const QUICK = { tries: 3, firstWaitMs: 1 } as const;

interface Case extends FileServer {
  readonly target: string;
  readonly file: ServedFile;
  get(link?: Partial<DownloadLink>, options?: DownloadOptions): ReturnType<typeof downloadFile>;
  content(): Promise<Uint8Array>;
  left(): string[];
}

/** A server, a folder and a download between them. */
async function withServer(
  answers: readonly Answer[],
  use: (it: Case) => Promise<void>,
  etag: string | undefined = '"v1"',
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const file: ServedFile = { content: CONTENT, etag };
  await using server = serveFile(file, answers);
  const target = `${folder}/data/heart_outs.bin`;
  try {
    await use({
      ...server,
      target,
      file,
      get: (link = {}, options = QUICK) =>
        downloadFile({ url: server.url, file: "heart_outs.bin", ...link }, target, options),
      content: () => Deno.readFile(target),
      left: () => [...Deno.readDirSync(`${folder}/data`)].map(({ name }) => name).sort(),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a file is downloaded whole, checked, and under its name only then", () =>
  withServer([{}], async (it) => {
    const seen: string[] = [];
    const progress = {
      update: (done: number, total: number, unit: string) => {
        assert(it.left().includes("heart_outs.bin.part"));
        assert(done <= total);
        seen.push(unit);
      },
    };
    const result = await it.get({ sha256: sha256(CONTENT) }, { progress });
    assertEquals(result, {
      path: it.target,
      bytes: CONTENT.length,
      resumedFrom: 0,
      verified: true,
    });
    assertEquals(await it.content(), CONTENT);
    assertEquals(it.left(), ["heart_outs.bin"]);
    assertEquals(new Set(seen), new Set(["bytes", "bytes checked"]));
  }));

Deno.test("a connection cut in the body goes on where it was, by range", () =>
  withServer([{ cutAt: 100_000 }, { cutAt: 50_000 }, {}], async (it) => {
    const reasons: string[] = [];
    await it.get({}, { ...QUICK, onRetry: (reason) => reasons.push(reason) });
    assertEquals(await it.content(), CONTENT);
    assertEquals(it.ranges, [null, "bytes=100000-", "bytes=150000-"]);
    assertEquals(reasons.length, 2);
  }));

Deno.test("a later run goes on where an earlier one gave up", () =>
  withServer(
    [{ cutAt: 70_000 }, { status: 503 }, { status: 503 }, { status: 503 }, {}],
    async (it) => {
      await assertRejects(() => it.get(), SthelarError, "what was downloaded is kept");
      assertEquals(it.left(), ["heart_outs.bin.part", "heart_outs.bin.part.json"]);
      const result = await it.get();
      assertEquals(result.resumedFrom, 70_000);
      assertEquals(await it.content(), CONTENT);
    },
  ));

Deno.test("a file that has changed between two runs is downloaded anew", () =>
  withServer(
    [{ cutAt: 70_000 }, { status: 503 }, { status: 503 }, { status: 503 }, {}],
    async (it) => {
      await assertRejects(() => it.get(), SthelarError);
      it.file.content = OTHER;
      it.file.etag = '"v2"';
      const result = await it.get();
      assertEquals(result.resumedFrom, 0);
      assertEquals(await it.content(), OTHER);
    },
  ));

Deno.test("a server that knows no ranges sends all of it again", () =>
  withServer([{ cutAt: 100_000 }, { ignoreRange: true }], async (it) => {
    await it.get();
    assertEquals(await it.content(), CONTENT);
    assertEquals(it.ranges, [null, "bytes=100000-"]);
  }));

Deno.test("a server that sends another range than asked for is asked anew", () =>
  withServer([{ cutAt: 100_000 }, { wrongRange: true }, {}], async (it) => {
    await it.get({ sha256: sha256(CONTENT) });
    assertEquals(await it.content(), CONTENT);
    assertEquals(it.ranges, [null, "bytes=100000-", null]);
  }));

Deno.test("without ETag, date and checksum nothing is resumed: who knows whether it is the same", () =>
  withServer([{ cutAt: 100_000 }, {}], async (it) => {
    it.file.etag = undefined;
    await it.get();
    assertEquals(it.ranges, [null, null]);
    assertEquals(await it.content(), CONTENT);
  }));

Deno.test("a part that is whole already is only renamed (416)", () =>
  withServer([{}], async (it) => {
    await Deno.mkdir(it.target.replace(/\/[^/]+$/, ""));
    await Deno.writeFile(`${it.target}.part`, CONTENT);
    const source = { url: it.url, validator: '"v1"', total: CONTENT.length };
    await Deno.writeTextFile(`${it.target}.part.json`, JSON.stringify(source));
    assertEquals((await it.get({ sha256: sha256(CONTENT) })).resumedFrom, CONTENT.length);
    assertEquals(it.left(), ["heart_outs.bin"]);
  }));

Deno.test("a part that is longer than the file is started over", () =>
  withServer([{}], async (it) => {
    await Deno.mkdir(it.target.replace(/\/[^/]+$/, ""));
    await Deno.writeFile(`${it.target}.part`, new Uint8Array(CONTENT.length + 5));
    const source = { url: it.url, validator: '"v1"', total: undefined };
    await Deno.writeTextFile(`${it.target}.part.json`, JSON.stringify(source));
    await it.get();
    assertEquals(await it.content(), CONTENT);
  }));

for (const [name, record] of [["no record", undefined], ["a damaged record", "{"]] as const) {
  Deno.test(`a part with ${name} of what it is a part of counts for nothing`, () =>
    withServer([{}], async (it) => {
      await Deno.mkdir(it.target.replace(/\/[^/]+$/, ""));
      await Deno.writeFile(`${it.target}.part`, new Uint8Array(1000));
      if (record !== undefined) await Deno.writeTextFile(`${it.target}.part.json`, record);
      assertEquals((await it.get()).resumedFrom, 0);
      assertEquals(await it.content(), CONTENT);
    }));
}

Deno.test("a wrong checksum is an error that tells both, and leaves nothing to resume", () =>
  withServer([{}], async (it) => {
    const error = await assertRejects(() => it.get({ sha256: sha256(OTHER) }), SthelarError);
    assert(isSthelarError(error, "CorruptData"));
    assertEquals(error.found, `sha256 ${sha256(CONTENT)}`);
    assertEquals(error.expected, sha256(OTHER));
    assertEquals(it.left(), []);
  }));

Deno.test("md5 and size are checked too", () =>
  withServer([{}], async (it) => {
    await assertRejects(() => it.get({ md5: "0".repeat(32) }), SthelarError, "found md5 ");
    await assertRejects(() => it.get({ bytes: 5 }), SthelarError, "expected 5 bytes");
    const md5 = createHash("md5").update(CONTENT).digest("hex").toUpperCase();
    assertEquals((await it.get({ md5, bytes: CONTENT.length })).verified, true);
  }));

for (const status of [404, 403, 410]) {
  Deno.test(`an answer ${status} is not tried again`, () =>
    withServer([{ status }], async (it) => {
      const error = await assertRejects(
        () => it.get(),
        SthelarError,
        `the server's answer ${status}`,
      );
      assert(isSthelarError(error, "NotFound"));
      assertEquals(it.ranges.length, 1);
    }));
}

Deno.test("an answer 500 is tried again", () =>
  withServer([{ status: 500 }, { status: 502 }, {}], async (it) => {
    await it.get();
    assertEquals(it.ranges.length, 3);
    assertEquals(await it.content(), CONTENT);
  }));

Deno.test("a redirect is followed", () =>
  withServer([{ redirect: true }], async (it) => {
    await it.get();
    assertEquals(await it.content(), CONTENT);
  }));

Deno.test("a web page in place of the file, as of a login, is refused", () =>
  withServer([{ page: true }], async (it) => {
    await assertRejects(() => it.get(), SthelarError, "a web page instead of the file");
  }));

Deno.test("a connection that brings nothing any more is dropped and resumed", () =>
  withServer([{ hangAt: 80_000 }, {}], async (it) => {
    const reasons: string[] = [];
    await it.get({}, { ...QUICK, stallMs: 150, onRetry: (reason) => reasons.push(reason) });
    assertEquals(reasons, ["nothing came for 0.15 s"]);
    assertEquals(await it.content(), CONTENT);
  }));

Deno.test("stopped by the user, the part is kept and goes on later", () =>
  withServer([{ hangAt: 80_000 }, {}], async (it) => {
    const stop = new AbortController();
    const progress = {
      update: (done: number) => {
        if (done === 80_000) stop.abort(new SthelarError("Aborted", { action: "Stopped" }));
      },
    };
    const error = await assertRejects(
      () => it.get({}, { ...QUICK, progress, signal: stop.signal }),
      SthelarError,
    );
    assertEquals(error.tag, "Aborted");
    assertEquals((await it.get()).resumedFrom, 80_000);
    assertEquals(await it.content(), CONTENT);
  }));

Deno.test("stopped while it waits for the next try, it does not wait on", () =>
  withServer([{ status: 503 }], async (it) => {
    const stop = new AbortController();
    const started = performance.now();
    await assertRejects(
      () =>
        it.get({}, {
          tries: 9,
          firstWaitMs: 60_000,
          signal: stop.signal,
          onRetry: () => setTimeout(() => stop.abort(new SthelarError("Aborted", { action: "S" }))),
        }),
      SthelarError,
    );
    assert(performance.now() - started < 5000);
  }));

Deno.test("nobody there: an error that says so after the last try", async () => {
  const folder = await Deno.makeTempDir();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const link = { url: `http://127.0.0.1:${port}/a.bin`, file: "a.bin" };
  const error = await assertRejects(
    () => downloadFile(link, `${folder}/a.bin`, QUICK),
    SthelarError,
    "check the network",
  );
  assert(isSthelarError(error, "NotFound"));
  assertStringIncludes(error.message.toLowerCase(), "refused");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a file that is there is kept if it is the right one, and refused if not", () =>
  withServer([{}], async (it) => {
    await it.get();
    assertEquals((await it.get({ sha256: sha256(CONTENT) })).resumedFrom, CONTENT.length);
    assertEquals(it.ranges.length, 1);
    const error = await assertRejects(() => it.get({ sha256: sha256(OTHER) }), SthelarError);
    assertStringIncludes(error.message, "remove or rename it");
    await assertRejects(() => it.get({ bytes: 3 }), SthelarError, "expected 3 bytes");
  }));

Deno.test("two downloads of one file at once: the second says so", () =>
  withServer([{ hangAt: 1000 }], async (it) => {
    const stop = new AbortController();
    let second: Promise<unknown> | undefined;
    const progress = {
      update: () => {
        second ??= it.get().catch((error) => error).finally(() => stop.abort("enough"));
      },
    };
    await it.get({}, { ...QUICK, progress, signal: stop.signal }).catch(() => {});
    assertStringIncludes(`${await second}`, "another process that downloads it");
  }));
