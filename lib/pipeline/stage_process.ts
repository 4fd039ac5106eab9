import { fileURLToPath } from "node:url";
import { SthelarError } from "@/core/errors.ts";
import { diskFailure } from "@/formats/disk/mod.ts";
import { parseEvent, type StageEvent } from "./events.ts";
import { TextLineStream } from "./text_line_stream.ts";

/** Native packages load shared libraries, ask the system for its kind, and read the environment. */
export const STAGE_PERMISSIONS: readonly string[] = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "--allow-ffi",
];

const KILL_AFTER_MS = 10_000;

/** How to run a stage in a process of its own. */
export interface StageProcessOptions {
  /** Words after `cli.ts`: `stage 1-02 heart_s0 …`. */
  readonly args: readonly string[];
  /** Lock that the process holds while it runs: the slide's `jobLock`. */
  readonly lockFile: string;
  /** Where the process's own prints go. */
  readonly logFile: string;
  /** Told of each event. */
  readonly onEvent: (event: StageEvent) => void;
  /** Aborted when the user stops. */
  readonly signal: AbortSignal;
}

/**
 * Runs one stage in a child process and waits for its end.
 *
 * @throws {SthelarError} what the stage failed with, or `StageFailed` if it ended without a word.
 */
export async function runStageProcess(options: StageProcessOptions): Promise<void> {
  const { onEvent, signal } = options;
  const root = new URL("../../", import.meta.url);
  using log = await StageLog.open(options.logFile);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      `--config=${fileURLToPath(new URL("deno.json", root))}`,
      ...STAGE_PERMISSIONS,
      fileURLToPath(new URL("lib/cli.ts", root)),
      ...options.args,
      `--events=${options.lockFile}`,
    ],
    // Nothing is written to it: its end tells the child that this process is gone.
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stop = stopOnAbort(child, signal);
  let failure: (StageEvent & { event: "failed" }) | undefined;
  const lastWords: string[] = [];
  const [status] = await Promise.all([
    child.status,
    eachLine(child.stdout, async (line) => {
      await log.write(line);
      const event = parseEvent(line);
      if (event?.event === "failed") failure = event;
      else if (event !== undefined) onEvent(event);
    }),
    eachLine(child.stderr, async (line) => {
      await log.write(line);
      lastWords.push(line);
      if (lastWords.length > 20) lastWords.shift();
    }),
  ]).finally(async () => {
    stop();
    await child.stdin.close();
  });
  signal.throwIfAborted();
  if (log.failure !== undefined) onEvent({ event: "warning", message: log.failure.message });
  if (status.success && failure === undefined) return;
  throw failure === undefined
    ? endedWithoutWord(status, lastWords, options.logFile)
    : new SthelarError(failure.tag === "Unexpected" ? "StageFailed" : failure.tag, {
      action: failure.message,
    });
}

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  use: (line: string) => Promise<void>,
): Promise<void> {
  const lines = stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) await use(line);
}

/** The log of a stage: where it can't be written the stage goes on without. */
class StageLog {
  /** Why the log ends early. */
  failure: SthelarError | undefined;
  readonly #file: Deno.FsFile;
  readonly #path: string;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  static async open(path: string): Promise<StageLog> {
    try {
      const options = { create: true, write: true, truncate: true };
      return new StageLog(path, await Deno.open(path, options));
    } catch (error) {
      throw diskFailure("write", path, error);
    }
  }

  async write(line: string): Promise<void> {
    if (this.failure !== undefined) return;
    try {
      const bytes = new TextEncoder().encode(`${line}\n`);
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    } catch (error) {
      this.failure = diskFailure("write", this.#path, error);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Asks the child to stop, and kills it if it does not within ten seconds. */
function stopOnAbort(child: Deno.ChildProcess, signal: AbortSignal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    child.kill("SIGTERM");
    timer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
  };
  signal.addEventListener("abort", stop, { once: true });
  return () => {
    signal.removeEventListener("abort", stop);
    clearTimeout(timer);
  };
}

function endedWithoutWord(
  status: Deno.CommandStatus,
  lastWords: readonly string[],
  logFile: string,
): SthelarError {
  const isKilled = status.signal === "SIGKILL";
  return new SthelarError("StageFailed", {
    action: "Cannot finish the stage",
    found: status.signal === null
      ? `its process ended with code ${status.code}${
        lastWords.map((line) => `\n  ${line}`).join("")
      }`
      : `its process was ended by ${status.signal}${
        isKilled ? " (as the system does when memory runs out)" : ""
      }`,
    remedy: isKilled
      ? "close other programs or lower --memory, then run again: finished stages are kept"
      : `see "${logFile}"`,
  });
}
