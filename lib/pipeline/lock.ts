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
    file.close();
    const holder = await holderOf(folder);
    throw new SthelarError("PipelineConflict", {
      action: `Cannot work on slide "${folder.slide}"`,
      found: `it is being built by ${holder}`,
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

/** Who holds a slide: written just after the lock was taken, so it may take a moment. */
async function holderOf({ lock }: SlideFolder): Promise<string> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const text = (await Deno.readTextFile(lock)).trim();
    if (text !== "") return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return "another process";
}
