/**
 * A bundle becomes a SpatialData store: `build-slide --until 1-02` against spatialdata-io's
 * `xenium()` and `write()`, on the same simulated slide, in one run.
 *
 * Ours also counts every transcript in the nuclei and hashes its inputs; theirs does neither. Both
 * times are without the start of the interpreter and its imports.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/build_store.ts [cells] [codec …]
 */
import { runCli } from "../e2e/run_cli.ts";
import { benchPython, NO_PYTHON } from "./shared/measure.ts";

const python = benchPython();

/** Seconds and peak memory of one side. */
interface Measurement {
  readonly seconds: number;
  /** Without starting and hashing the inputs; ours alone. */
  readonly stageSeconds?: number;
  readonly peakMb: number;
}

async function ours(bundle: string, out: string): Promise<Measurement> {
  const start = performance.now();
  const { code, stderr } = await runCli(
    ...["build-slide", "bench", "--bundle", bundle, "--out", out, "--only", "1-02"],
  );
  if (code !== 0) throw new Error(stderr);
  const seconds = (performance.now() - start) / 1000;
  const manifest = JSON.parse(await Deno.readTextFile(`${out}/bench/manifest.json`));
  const { peakMemoryBytes, seconds: stageSeconds } = manifest.stages["1-02"];
  return { seconds, stageSeconds, peakMb: peakMemoryBytes / 2 ** 20 };
}

async function theirs(bundle: string, out: string): Promise<Measurement> {
  const { success, stdout, stderr } = await new Deno.Command(python!, {
    args: ["tests/bench/build_store.py", bundle, `${out}/theirs.zarr`],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

if (python === undefined) {
  console.error(NO_PYTHON);
  Deno.exit(1);
}
const [cells = "published", ...codecs] = Deno.args;
for (const codec of codecs.length > 0 ? codecs : ["deflate", "jpeg2000"]) {
  const folder = await Deno.makeTempDir({ prefix: "sthelar-bench-" });
  try {
    const bundle = `${folder}/bundle`;
    const made = await runCli(
      ...["simulate", "heart_s0", "--cells", cells, "--morphology", codec, "--to", bundle],
    );
    if (made.code !== 0) throw new Error(made.stderr);
    await Deno.remove(`${bundle}/he_image.ome.tif`);
    const our = await ours(bundle, folder);
    const their = await theirs(bundle, folder);
    console.log(
      `build_store ${codec}, ${cells} cells: ours ${our.seconds.toFixed(1)} s (stage ${
        our.stageSeconds?.toFixed(1)
      } s), ${our.peakMb.toFixed(0)} MB; spatialdata-io ${their.seconds.toFixed(1)} s, ${
        their.peakMb.toFixed(0)
      } MB; ${(their.seconds / our.seconds).toFixed(1)}x faster, ${
        (their.peakMb / our.peakMb).toFixed(1)
      }x less memory`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
