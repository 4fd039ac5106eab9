import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { lockJob, lockSlide } from "@/pipeline/lock.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import {
  buildWhole,
  finishBuild,
  hashSlide,
  killBuilds,
  killGroup,
  startBuild,
  type WholeBuild,
} from "./killed_builds.ts";
import { runCli, withTempDir } from "./run_cli.ts";

/** What is killed is the machinery of all chapters; `deno task test:kills` kills in all of them. */
const UNTIL = "1";

Deno.test("builds that are killed, or share a machine, end with the bytes of an unbroken one", (t) =>
  withTempDir(async (folder) => {
    const whole = await buildWhole(folder, UNTIL);
    await t.step(
      `killed in each of its ${whole.parts.length} parts, then built (sopa #32)`,
      () => killedInEachPart(whole, `${folder}/killed`),
    );
    await t.step(
      "only the build's own process was killed: its stage ends by itself",
      () => orphanedStage(whole, `${folder}/orphaned`),
    );
    await t.step(
      "the second build says who holds the slide, which is free when that one is killed",
      () => killedHolder(whole, `${folder}/held`),
    );
    await t.step("two slides at once", () => twoSlides(whole, `${folder}/two`));
  }));

async function killedInEachPart(whole: WholeBuild, out: string): Promise<void> {
  const { kills, compared, hits } = await killBuilds(whole, out, whole.parts.length, "kill test");
  assertEquals([kills, compared > 0], [whole.parts.length, true]);
  assert(hits.size >= whole.parts.length - 1, [...hits.keys()].join());
}

async function orphanedStage(whole: WholeBuild, out: string): Promise<void> {
  const args = whole.args(out);
  const { root, jobLock } = slideFolder(out, "tiny");
  const child = startBuild(args);
  const output = child.output();
  try {
    await waitForFile(`${root}/logs/1-02_process_slide.log`);
    child.kill("SIGKILL");
    await child.status;
    await finishBuild(args);
    (await lockJob(jobLock))[Symbol.dispose]();
  } finally {
    killGroup(child);
    await output;
  }
  assertEquals(await hashSlide(root), whole.hashes);
}

async function killedHolder(whole: WholeBuild, out: string): Promise<void> {
  const args = whole.args(out);
  const slide = slideFolder(out, "tiny");
  const child = startBuild(args);
  const output = child.output();
  await waitForFile(`${slide.root}/manifest.json`);
  const refused = await runCli("build-slide", ...args);
  killGroup(child);
  await output;
  assertEquals(refused.code, 1, refused.stderr);
  assertStringIncludes(refused.stderr, `it is being built by process ${child.pid} since`);
  assertMatch(await Deno.readTextFile(slide.lock), new RegExp(`^process ${child.pid} since`));
  (await lockSlide(slide))[Symbol.dispose]();
}

async function twoSlides(whole: WholeBuild, out: string): Promise<void> {
  const slides = ["one", "two"];
  await Promise.all(slides.map((id) => finishBuild(whole.args(out, id))));
  // Chapter 2 draws random numbers by the name of the slide.
  const results = (slide: Readonly<Record<string, string>>) =>
    Object.entries(slide).filter(([path]) => /^stages\/1-.*\/nodes\//.test(path));
  for (const id of slides) {
    assertEquals(results(await hashSlide(`${out}/${id}`)), results(whole.hashes));
  }
}

async function waitForFile(path: string): Promise<void> {
  while (await localDisk.stat(path) === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("a build waits for a stage that still runs, and says which", () =>
  withTempDir(async (folder) => {
    const slide = slideFolder(folder, "tiny");
    await Deno.mkdir(slide.root);
    const job = await lockJob(slide.jobLock);
    setTimeout(() => job[Symbol.dispose](), 300);
    const started = performance.now();
    (await lockSlide(slide))[Symbol.dispose]();
    assert(performance.now() - started > 250);
    using _job = await lockJob(slide.jobLock);
    await assertRejects(
      () => lockJob(slide.jobLock),
      SthelarError,
      `another stage of it runs: process ${Deno.pid} since`,
    );
  }));
