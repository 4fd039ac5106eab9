/**
 * Runs the judges: makes Python environments of its own, writes stores with this program, and lets
 * pytest open them with the tools of the field: today's, and the last spatialdata before zarr v3.
 */
import { existsSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url).pathname;
const VENV = `${ROOT}.venv-interop`;
const HERE = "tests/interop";

async function run(command: string, args: string[], env: Record<string, string> = {}) {
  const { success, code } = await new Deno.Command(command, { args, env, cwd: ROOT }).spawn()
    .status;
  if (!success) {
    console.error(`${command} ${args.join(" ")} ended with code ${code}`);
    Deno.exit(1);
  }
}

/** Makes an environment of exactly these requirements, unless it is there; the path of its Python. */
async function prepareEnvironment(folder: string, requirements: string): Promise<string> {
  const wanted = await Deno.readTextFile(`${ROOT}${HERE}/${requirements}`);
  const installed = `${folder}/installed-requirements.txt`;
  const python = `${folder}/bin/python`;
  if (existsSync(installed) && await Deno.readTextFile(installed) === wanted) return python;
  const start = performance.now();
  await run("python3", ["-m", "venv", "--clear", folder]);
  const file = `${HERE}/${requirements}`;
  await run(python, ["-m", "pip", "install", "--quiet", "--requirement", file]);
  await Deno.writeTextFile(installed, wanted);
  report(`installed ${requirements}`, start);
  return python;
}

async function judge(python: string, paths: readonly string[]): Promise<void> {
  const start = performance.now();
  await run(python, ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", ...paths], {
    STHELAR_INTEROP_OUT: out,
    STHELAR_TEST_DATA: Deno.env.get("STHELAR_TEST_DATA") ?? `${ROOT}../shared/data`,
    NUMBA_CACHE_DIR: `${VENV}/numba-cache`,
    PYTHONDONTWRITEBYTECODE: "1",
  });
  report(`judged by ${python.slice(ROOT.length)}`, start);
}

function report(what: string, start: number): void {
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
}

const python = await prepareEnvironment(VENV, "requirements.txt");
const oldPython = await prepareEnvironment(
  `${VENV}/old-spatialdata`,
  "requirements-old-spatialdata.txt",
);
const out = await Deno.makeTempDir({ prefix: "sthelar-interop-" });
try {
  const writers = [...Deno.readDirSync(`${ROOT}tests/interop`)]
    .map(({ name }) => name)
    .filter((name) => /^write_.*\.ts$/.test(name))
    .sort();
  for (const writer of writers) {
    await run(Deno.execPath(), ["run", "-A", "--quiet", `tests/interop/${writer}`], {
      STHELAR_INTEROP_OUT: out,
    });
  }
  await judge(python, [HERE, ...Deno.args]);
  await judge(oldPython, [`${HERE}/test_zarr_v2.py`]);
} finally {
  await Deno.remove(out, { recursive: true });
}
