import { assert, assertEquals, assertRejects } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { simulateSlide } from "@/simulate/mod.ts";
import { processSlide } from "@/stages/1_02_process_slide.ts";
import { tangram, type TangramReport } from "@/stages/2_02_tangram.ts";
import { withTempDir } from "../e2e/run_cli.ts";

const PARAMS = { epochs: 100, bagSize: 70 };

async function openSlide(folder: string, out: string): Promise<Slide> {
  return await Slide.open("heart_s0", {
    ...{ pipeline, out: `${folder}/${out}`, data: `${folder}/data` },
    sources: { bundle: `${folder}/bundle` },
    params: { "2-02": PARAMS },
    limits: { memoryBytes: 2e9, threads: 1 },
  });
}

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

Deno.test("2-02 stopped in its second bag goes on there, and ends as an unbroken run (Tangram #88)", () =>
  withTempDir(async (folder) => {
    await simulateSlide(localDisk, `${folder}/bundle`, {
      slideId: "heart_s0",
      cells: 200,
      referenceCells: 80,
      morphologyCompression: "deflate",
    });
    const whole = await openSlide(folder, "whole");
    await whole.run(processSlide);
    await whole.run(tangram);

    const broken = await openSlide(folder, "broken");
    await broken.run(processSlide);
    const stop = new AbortController();
    const update = (done: number) => done > PARAMS.epochs && stop.abort();
    await assertRejects(() => broken.run(tangram, { signal: stop.signal, progress: { update } }));
    const again = await openSlide(folder, "broken");
    const [kept] = (await localDisk.list(again.folder.stages)).filter((n) => n.startsWith(".kept"));
    assertEquals(await localDisk.list(`${again.folder.stages}/${kept}`), ["bag-1"]);
    const steps: number[] = [];
    await again.run(tangram, {
      progress: { update: (done, _total, unit) => void (unit === "epochs" && steps.push(done)) },
    });
    assertEquals(steps[0], PARAMS.epochs);
    assert(steps[1] > PARAMS.epochs);
    assertEquals(await resultOf(again), await resultOf(whole));
    const left = (await localDisk.list(again.folder.stages)).filter((n) => n.startsWith("."));
    assertEquals(left, []);

    const report = JSON.parse((await resultOf(whole)).report) as TangramReport;
    assertEquals(report.bags.length, 3);
    assert(report.agreement!.nuclei > 150);
    assert(report.agreement!.finalLabel > report.agreement!.commonest);
  }));
