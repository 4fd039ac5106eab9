import { fileURLToPath } from "node:url";
import { STAGE_PERMISSIONS } from "@/pipeline/stage_process.ts";

/** What a run of the program came to. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The command line that a task runs, without the task runner. */
export function cliCommand(args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...STAGE_PERMISSIONS, "--allow-run", "lib/cli.ts", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  });
}

/** Runs the program as a user would and waits for its end. */
export async function runCli(...args: readonly string[]): Promise<CliResult> {
  const { code, stdout, stderr } = await cliCommand(args).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Gives `run` a folder that is removed afterwards. */
export async function withTempDir<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "sthelar-" });
  try {
    return await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
