import { SthelarError } from "@/core/errors.ts";
import type { SlideFolder } from "./slide_folder.ts";

/**
 * Holds a slide for this process; the system gives it free when the process ends, however it does.
 *
 * @returns Gives the slide free when disposed.
 * @throws {SthelarError} `PipelineConflict` saying who holds it.
 */
export async function lockSlide(folder: SlideFolder): Promise<Disposable> {
  await Deno.mkdir(folder.root, { recursive: true });
  const file = await Deno.open(folder.lock, { create: true, read: true, write: true });
  if (!await file.tryLock(true)) {
    const holder = (await Deno.readTextFile(folder.lock)).trim();
    file.close();
    throw new SthelarError("PipelineConflict", {
      action: `Cannot work on slide "${folder.slide}"`,
      found: `it is being built by ${holder || "another process"}`,
      remedy: "wait until that has finished, or stop it",
      path: folder.lock,
    });
  }
  await file.truncate();
  await file.write(
    new TextEncoder().encode(`process ${Deno.pid} since ${new Date().toISOString()}\n`),
  );
  return { [Symbol.dispose]: () => file.close() };
}
