/**
 * Runs the judges: makes a Python environment of its own, writes stores with this program, and lets
 * pytest open them with the tools of the field.
 */
import { existsSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url).pathname;
const VENV = `${ROOT}.venv-interop`;
const REQUIREMENTS = `${ROOT}tests/interop/requirements.txt`;
const INSTALLED = `${VENV}/installed-requirements.txt`;

async function run(command: string, args: string[], env: Record<string, string> = {}) {
  const { success, code } = await new Deno.Command(command, { args, env, cwd: ROOT }).spawn()
    .status;
  if (!success) {
    console.error(`${command} ${args.join(" ")} ended with code ${code}`);
    Deno.exit(1);
  }
}

/** Installs the judges unless exactly these are installed. */
async function prepareEnvironment(): Promise<string> {
  const wanted = await Deno.readTextFile(REQUIREMENTS);
  const python = `${VENV}/bin/python`;
  if (existsSync(INSTALLED) && await Deno.readTextFile(INSTALLED) === wanted) return python;
  await run("python3", ["-m", "venv", "--clear", VENV]);
  await run(python, ["-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS]);
  await Deno.writeTextFile(INSTALLED, wanted);
  return python;
}

const python = await prepareEnvironment();
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
  await run(python, [
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:cacheprovider",
    "-rs",
    "tests/interop",
    ...Deno.args,
  ], {
    STHELAR_INTEROP_OUT: out,
    STHELAR_TEST_DATA: Deno.env.get("STHELAR_TEST_DATA") ?? `${ROOT}../shared/data`,
    NUMBA_CACHE_DIR: `${VENV}/numba-cache`,
    PYTHONDONTWRITEBYTECODE: "1",
  });
} finally {
  await Deno.remove(out, { recursive: true });
}
