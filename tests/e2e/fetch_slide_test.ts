import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { localDisk } from "@/formats/disk/mod.ts";
import { zipFolder } from "@/formats/zip/mod.ts";
import { serveFile } from "../fetch/file_server.ts";
import { testWithData } from "../test_data.ts";
import { type CliResult, runCli, withTempDir } from "./run_cli.ts";

const CONTENT = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 2654435761) >>> 24);

/** Runs `fetch-slide` with the permissions of its task. */
async function fetchSlide(...args: readonly string[]): Promise<CliResult> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"],
      ...["--allow-net", "lib/cli.ts", "fetch-slide", ...args],
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("without a known link it names the page, and what to put where", () =>
  withTempDir(async (folder) => {
    const { code, stderr } = await fetchSlide("heart_s0", "--to", folder);
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      "https://www.10xgenomics.com/datasets/" +
        "human-heart-data-xenium-human-multi-tissue-and-cancer-panel-1-standard",
    );
    assertStringIncludes(stderr, `-> ${folder}/`);
    assertStringIncludes(stderr, "experiment.xenium");
  }));

Deno.test("an unknown slide, and options that make no sense, end with 2", () =>
  withTempDir(async (folder) => {
    const unknown = await fetchSlide("hart_s0", "--to", folder);
    assertEquals(unknown.code, 2);
    assertStringIncludes(unknown.stderr, 'did you mean "heart_s0"');
    const alone = await fetchSlide("heart_s0", "--sha256", "0".repeat(64), "--to", folder);
    assertEquals(alone.code, 2);
    assertStringIncludes(alone.stderr, "--url URL with it");
    const tries = await fetchSlide("heart_s0", "--url", "https://a.org/x", "--tries", "0");
    assertStringIncludes(tries.stderr, "at least 1");
    const outside = await fetchSlide("../x", "--url", "https://a.org/x", "--to", folder);
    assertEquals(outside.code, 2);
  }));

Deno.test("without a network it says so, and what to download by hand", () =>
  withTempDir(async (folder) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    const url = `http://127.0.0.1:${port}/outs.zip`;
    const [offline, forbidden] = await Promise.all([
      fetchSlide("heart_s0", "--url", url, "--to", folder, "--tries", "2"),
      runCli("fetch-slide", "heart_s0", "--url", url, "--to", `${folder}/other`),
    ]);
    assertEquals(offline.code, 1);
    assertStringIncludes(offline.stderr, "trying again in 1.0 s");
    assertStringIncludes(offline.stderr, "public page of 10x Genomics: human-heart-data");
    assertEquals(forbidden.code, 2);
    assertStringIncludes(forbidden.stderr, "run: deno task fetch-slide");
  }));

testWithData(
  "xenium_ileum_tiny_outs",
  "a bundle is fetched, checked, unpacked, and found by its slide's name",
  (bundle) =>
    withTempDir(async (folder) => {
      const zip = `${folder}/tiny_outs.zip`;
      await zipFolder(localDisk, bundle, zip, { rootName: "outs" });
      const content = await Deno.readFile(zip);
      const sha256 = createHash("sha256").update(content).digest("hex");
      await using server = serveFile({ content, etag: '"1"' }, [{ cutAt: 100_000 }, {}]);
      const args = ["ileum", "--url", server.url, "--file", "tiny_outs.zip", "--data", folder];
      const fetched = await fetchSlide(...args, "--sha256", sha256);
      assertEquals(fetched.code, 0, fetched.stderr);
      assertStringIncludes(fetched.stderr, "checksum agrees");
      assertEquals(server.ranges, [null, "bytes=100000-"]);
      const target = `${folder}/xenium/ileum`;
      assertEquals([...Deno.readDirSync(target)].map(({ name }) => name), ["tiny_outs"]);
      const plan = await runCli("plan", "ileum", "--data", folder, "--out", `${folder}/out`);
      assertEquals(plan.code, 0, plan.stderr);
      const again = await fetchSlide(...args);
      assertStringIncludes(again.stderr, "is there already, unpacked");
    }),
);

/** Mounts a small disk, as only root on Linux may. */
function mount(...args: string[]): boolean {
  try {
    return new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test("a full disk is a clean stop, and the download goes on with more space", () =>
  withTempDir(async (folder) => {
    const disk = `${folder}/disk`;
    await Deno.mkdir(disk);
    if (!mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", disk)) {
      console.warn("not tested: only root on Linux may mount a small disk");
      return;
    }
    try {
      await using server = serveFile({ content: CONTENT, etag: '"1"' });
      const args = ["heart_s0", "--url", server.url, "--to", `${disk}/heart_s0`];
      const full = await fetchSlide(...args);
      assertEquals(full.code, 1, full.stderr);
      assertStringIncludes(full.stderr, "No space left on device");
      assert(mount("-o", "remount,size=9m", disk));
      const resumed = await fetchSlide(...args);
      assertEquals(resumed.code, 0, resumed.stderr);
      assertStringIncludes(resumed.stderr, "resumed at ");
      assertEquals(await Deno.readFile(`${disk}/heart_s0/heart_outs.bin`), CONTENT);
    } finally {
      new Deno.Command("umount", { args: [disk] }).outputSync();
    }
  }));
