/**
 * A built slide is opened and its first picture drawn: H&E, DAPI and both over the whole slide, as
 * notebook 1-02 shows them. Each run is a process of its own; loading the modules is told apart.
 *
 * deno run -A tests/bench/first_picture.ts [folder of results that holds heart_s0]
 */
import { openSlide } from "@/notebook/mod.ts";
import { openChapter1, thumbnailsFigure } from "@/report/chapter_1_figures.ts";
import { runCli } from "../e2e/run_cli.ts";
import { bestOf, describe, measure, type Measurement, peakMb } from "./shared/measure.ts";

const REPEATS = 5;

async function firstPicture(): Promise<Measurement> {
  const start = performance.now();
  const slide = await openSlide("heart_s0");
  const data = await openChapter1(slide);
  const opened = performance.now();
  await (await thumbnailsFigure(data)).svg();
  const end = performance.now();
  const steps = {
    loading: start / 1e3,
    opening: (opened - start) / 1e3,
    drawing: (end - opened) / 1e3,
  };
  return { seconds: (end - start) / 1e3, steps, peakMb: await peakMb() };
}

/** heart_s0 at its published size: 26,366 cells, DAPI of 14,326 x 34,050 pixels. */
async function buildSlide(folder: string): Promise<void> {
  const bundle = `${folder}/bundle`;
  for (
    const args of [
      ["simulate", "heart_s0", "--cells", "published", "--to", bundle],
      ["build-slide", "heart_s0", "--bundle", bundle, "--out", `${folder}/out`, "--until", "1"],
    ]
  ) {
    const { code, stderr } = await runCli(...args);
    if (code !== 0) throw new Error(stderr);
  }
}

async function main(existing: string | undefined): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "first_picture_" });
  try {
    if (existing === undefined) await buildSlide(folder);
    Deno.env.set("STHELAR_OUT", existing ?? `${folder}/out`);
    const script = new URL(import.meta.url).pathname;
    const [best] = await bestOf(REPEATS, [
      () => measure(Deno.execPath(), ["run", "-A", script, "--measure"]),
    ]);
    console.log(describe("first picture", best));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (Deno.args[0] === "--measure") console.log(JSON.stringify(await firstPicture()));
else await main(Deno.args[0]);
