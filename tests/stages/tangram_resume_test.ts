import { cp } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import type { Slide } from "@/pipeline/slide.ts";
import { simulateSlide } from "@/simulate/mod.ts";
import { processSlide } from "@/stages/1_02_process_slide.ts";
import { tangram, type TangramReport } from "@/stages/2_02_tangram.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { openSmallSlide, PARAMS } from "./resumed_tangram.ts";

async function filesBelow(root: string, below = ""): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${below}`)) {
    const path = `${below}/${name}`;
    if (isDirectory) Object.assign(files, await filesBelow(root, path));
    else files[path] = (await Deno.readFile(`${root}/${path}`)).toHex();
  }
  return files;
}

async function resultOf(slide: Slide): Promise<Record<string, string>> {
  const [scores, label] = ["obsm/tangram_pred", "obs/ct_tangram"].map((part) =>
    slide.resolve(`tables/table_nuclei/${part}`)
  );
  const report = await Deno.readTextFile(`${slide.resolve("reports/tangram")}.json`);
  return { ...await filesBelow(scores), ...await filesBelow(label), report };
}

/** Bags that an unfinished run has kept. */
async function keptBags({ folder: { stages } }: Slide): Promise<readonly string[]> {
  const kept = (await localDisk.list(stages)).find((name) => name.startsWith(".kept"));
  if (kept === undefined) return [];
  return (await localDisk.list(`${stages}/${kept}`)).filter((name) => /^bag-\d+$/.test(name))
    .sort();
}

/** Runs the stage to its end, and tells how many epochs were done at each report. */
async function goOn(slide: Slide): Promise<number[]> {
  const steps: number[] = [];
  await slide.run(tangram, {
    progress: { update: (done, _total, unit) => void (unit === "epochs" && steps.push(done)) },
  });
  const left = (await localDisk.list(slide.folder.stages)).filter((name) => name.startsWith("."));
  assertEquals(left, []);
  return steps;
}

async function stopInSecondBag(folder: string): Promise<void> {
  const slide = await openSmallSlide(folder, "stopped");
  const stop = new AbortController();
  const update = (done: number) => done > PARAMS.epochs && stop.abort();
  await assertRejects(() => slide.run(tangram, { signal: stop.signal, progress: { update } }));
}

/** Kills a process that runs the stage once it has kept a bag, and before it has kept all. */
async function killAfterFirstBag(folder: string): Promise<void> {
  const slide = await openSmallSlide(folder, "killed");
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      fileURLToPath(import.meta.resolve("./resumed_tangram.ts")),
      folder,
      "killed",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let running = true;
  const output = child.output().finally(() => running = false);
  while (running && (await keptBags(slide)).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (running) child.kill("SIGKILL");
  const { signal, stderr } = await output;
  assertEquals(signal, "SIGKILL", new TextDecoder().decode(stderr));
}

Deno.test("2-02 goes on after its last finished bag, and ends as an unbroken run (Tangram #88)", (t) =>
  withTempDir(async (folder) => {
    await simulateSlide(localDisk, `${folder}/bundle`, {
      slideId: "heart_s0",
      cells: 120,
      referenceCells: 80,
      morphologyCompression: "deflate",
      heSize: { width: 64, height: 64 },
    });
    const whole = await openSmallSlide(folder, "whole");
    await whole.run(processSlide);
    for (const name of ["stopped", "killed"]) {
      await cp(`${folder}/whole`, `${folder}/${name}`, { recursive: true });
    }
    await whole.run(tangram);
    const expected = await resultOf(whole);
    const report = JSON.parse(expected.report) as TangramReport;
    assertEquals(report.bags.length, 4);
    assert(report.agreement!.nuclei > 90, String(report.agreement!.nuclei));
    assert(report.agreement!.finalLabel > report.agreement!.commonest);

    await t.step("stopped by a signal in its second bag", async () => {
      await stopInSecondBag(folder);
      const again = await openSmallSlide(folder, "stopped");
      assertEquals(await keptBags(again), ["bag-1"]);
      const steps = await goOn(again);
      assertEquals(steps[0], PARAMS.epochs);
      assert(steps[1] > PARAMS.epochs);
      assertEquals(await resultOf(again), expected);
    });

    await t.step("killed after its first bag", async () => {
      await killAfterFirstBag(folder);
      const again = await openSmallSlide(folder, "killed");
      const kept = await keptBags(again);
      assertEquals(kept, ["bag-1", "bag-2", "bag-3"].slice(0, kept.length));
      assert(kept.length > 0);
      const steps = await goOn(again);
      assertEquals(steps[0], PARAMS.epochs);
      assert(steps[kept.length] > kept.length * PARAMS.epochs);
      assertEquals(await resultOf(again), expected);
    });
  }));
