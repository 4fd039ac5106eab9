import { SthelarError } from "@/core/errors.ts";
import { diskFailure, localDisk } from "@/formats/disk/mod.ts";
import type { SlideFolder } from "./slide_folder.ts";

const RETRY_MS = 50;
/** A stage whose build was killed ends as soon as it notices. */
const JOB_ENDS_WITHIN_MS = 10_000;

/**
 * Holds a slide for this process; the system gives it free when the process ends, however it does.
 * A stage that a killed build has left running is waited for: two processes never write one slide.
 *
 * @returns Gives the slide free when disposed.
 * @throws {SthelarError} `PipelineConflict` saying who holds it, `DiskFailure`.
 */
export async function lockSlide(folder: SlideFolder): Promise<Disposable> {
  await localDisk.makeDirectory(folder.root);
  const lock = await takeLock(folder.lock);
  if (lock === undefined) {
    throw isHeld(folder.slide, folder.lock, `it is being built by ${await holderOf(folder.lock)}`);
  }
  try {
    const job = await takeLock(folder.jobLock, JOB_ENDS_WITHIN_MS);
    if (job === undefined) {
      const holder = await holderOf(folder.jobLock);
      throw isHeld(
        folder.slide,
        folder.jobLock,
        `a stage of an earlier build still runs: ${holder}`,
      );
    }
    job[Symbol.dispose]();
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
  return lock;
}

/**
 * Holds a slide for a process that a build started for a stage.
 *
 * @param path The slide's `jobLock`.
 * @returns Gives it free when disposed.
 * @throws {SthelarError} `PipelineConflict` if another stage runs, `DiskFailure`.
 */
export async function lockJob(path: string): Promise<Disposable> {
  const lock = await takeLock(path);
  if (lock !== undefined) return lock;
  throw isHeld(
    path.split("/").at(-2) ?? "",
    path,
    `another stage of it runs: ${await holderOf(path)}`,
  );
}

/** Takes a lock, trying for a while; `undefined` if somebody holds it all the time. */
async function takeLock(path: string, patienceMs = 0): Promise<Disposable | undefined> {
  let file: Deno.FsFile | undefined;
  try {
    file = await Deno.open(path, { create: true, read: true, write: true });
    for (let waitedMs = 0; !await file.tryLock(true); waitedMs += RETRY_MS) {
      if (waitedMs >= patienceMs) {
        file.close();
        return undefined;
      }
      await sleep(RETRY_MS);
    }
    await file.truncate();
    await file.write(
      new TextEncoder().encode(`process ${Deno.pid} since ${new Date().toISOString()}\n`),
    );
    return { [Symbol.dispose]: () => file?.close() };
  } catch (error) {
    file?.close();
    throw diskFailure("lock", path, error);
  }
}

/** Who holds a lock: written just after it was taken, so it may take a moment. */
async function holderOf(lock: string): Promise<string> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const text = (await Deno.readTextFile(lock)).trim();
    if (text !== "") return text;
    await sleep(RETRY_MS);
  }
  return "another process";
}

function isHeld(slide: string, path: string, found: string): SthelarError {
  return new SthelarError("PipelineConflict", {
    action: `Cannot work on "${slide}"`,
    found,
    remedy: "wait until that has finished, or stop it",
    path,
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
