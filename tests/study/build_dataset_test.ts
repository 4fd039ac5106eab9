import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { cliCommand, runCli, withTempDir } from "../e2e/run_cli.ts";
import { writePublishedStore } from "./published_store.ts";

/** Hash of every file below a folder, by path. */
async function hashesOf(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) Object.assign(hashes, await hashesOf(path));
    else hashes[path] = createHash("sha256").update(await Deno.readFile(path)).digest("hex");
  }
  return hashes;
}

/** Opens two published stores, of two tissues, as slides. */
async function openSlides(root: string): Promise<void> {
  for (const [i, slide] of ["heart_s0", "skin_s1"].entries()) {
    const store = `${root}/sdata_${slide}.zarr`;
    await writePublishedStore(store, { genes: 2 * i, seed: i });
    const { code, stderr } = await runCli("open", store, `--out=${root}/out`);
    assertEquals(code, 0, stderr);
  }
}

const build = (root: string, ...args: string[]) => [
  ...["build-dataset", "tour", `--out=${root}/out`, "--param=2-06s.scvi=off", "--threads=1"],
  ...args,
];

Deno.test("build-dataset puts published stores together, keeps what is done and writes into no slide", async () => {
  await withTempDir(async (root) => {
    await openSlides(root);
    const slides = ["heart_s0", "skin_s1"].map((slide) => `${root}/out/${slide}`);
    const before = await Promise.all(slides.map(hashesOf));
    const first = await runCli(...build(root, "--slides=skin_s1,heart_s0"));
    assertEquals(first.code, 0, first.stderr);
    assertStringIncludes(first.stderr, "2 slides, 3 steps run, 0 kept, 1 skipped");
    assertStringIncludes(first.stdout, `${root}/out/study/tour/report.html`);
    const tables = [...Deno.readDirSync(`${root}/out/study/tour/tables`)].map(({ name }) => name);
    for (const name of ["annotations.parquet", "labels_table_cells.csv"]) {
      assert(tables.includes(name), `${name} of ${tables}`);
    }
    const study = JSON.parse(await Deno.readTextFile(`${root}/out/study/tour/study.json`));
    assert(study.steps["2-08s"].peakMemoryBytes > 1e7);
    assertEquals([study.simulated, study.automatic], [false, false]);

    const files = await hashesOf(`${root}/out/study/tour/tables`);
    const second = await runCli(...build(root));
    assertStringIncludes(second.stderr, "2 slides, 0 steps run, 3 kept, 1 skipped");
    assertEquals(await hashesOf(`${root}/out/study/tour/tables`), files);
    assertEquals(await Promise.all(slides.map(hashesOf)), before);
  });
});

Deno.test("build-dataset that is killed at any time is finished by the next one", async () => {
  await withTempDir(async (root) => {
    await openSlides(root);
    for (const afterMs of [900, 1700, 2600]) {
      const child = cliCommand(build(root, "--slides=all", "--force")).spawn();
      const output = child.output();
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      try {
        child.kill("SIGKILL");
      } catch (error) {
        assert(error instanceof TypeError, "it had ended before");
      }
      await output;
    }
    const last = await runCli(...build(root, "--slides=all"));
    assertEquals(last.code, 0, last.stderr);
    const folder = `${root}/out/study/tour`;
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(names.filter((name) => /\.(next|previous)$/.test(name)), []);
    const steps = [...Deno.readDirSync(`${folder}/steps`)].map(({ name }) => name);
    assertEquals(steps.filter((name) => name.startsWith(".")), []);
    const annotations = await Deno.stat(`${folder}/tables/annotations.parquet`);
    assert(annotations.size > 500);
  });
});

Deno.test("build-dataset refuses wrong input with exit code 2, and lists parameters in its help", async () => {
  await withTempDir(async (root) => {
    await writePublishedStore(`${root}/sdata_heart_s0.zarr`);
    await runCli("open", `${root}/sdata_heart_s0.zarr`, `--out=${root}/out`);
    const wrong = await Promise.all([
      runCli(...build(root, "--slides=hart_s0")),
      runCli(...build(root, "--slides=heart_s0,heart_s0")),
      runCli(...build(root, "--slides=heart_s0", "--only=2-09s")),
      runCli(...build(root, "--slides=heart_s0", "--param=2-10s.formt=csv")),
      runCli(...build(root)),
    ]);
    assertEquals(wrong.map(({ code }) => code), [2, 2, 2, 2, 2]);
    for (const [i, text] of ["heart_s0", "twice", "2-08s", "format", "--slides"].entries()) {
      assertStringIncludes(wrong[i].stderr, text);
    }
    const { stderr } = await runCli("build-dataset", "--help");
    assertStringIncludes(stderr, "2-10s.format=parquet");
    assertStringIncludes(stderr, "2-06s.zeroShare=0.37037");
  });
});
