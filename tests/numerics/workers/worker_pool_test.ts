import { assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { onSharedMemory, WorkerPool, type WorkerPoolOptions } from "@/numerics/workers/mod.ts";
import type { TestAnswers, TestTasks } from "./test_worker.ts";

function openPool(options: Partial<WorkerPoolOptions> = {}) {
  return new WorkerPool<TestTasks, TestAnswers>(new URL("./test_worker.ts", import.meta.url), {
    action: "Cannot count",
    stopped: "Stopped counting",
    ...options,
  });
}

async function assertFails(asked: Promise<unknown>, tag: SthelarError["tag"], words: string) {
  const error = await assertRejects(() => asked, SthelarError, words);
  assertEquals(isSthelarError(error, tag), true, error.tag);
}

Deno.test("WorkerPool answers in the order of the inputs, whatever the number of workers", async () => {
  for (const size of [1, 3]) {
    using pool = openPool({ size });
    const inputs = [1, 2, 3, 4].map((value) => Float64Array.of(value));
    assertEquals((await pool.askAll("double", inputs)).map(([value]) => value), [2, 4, 6, 8]);
  }
});

Deno.test("WorkerPool moves what it is told to move, and copies the rest", async () => {
  using pool = openPool();
  const [moved, copied] = [Float64Array.of(1, 2), Float64Array.of(3)];
  assertEquals(await pool.ask(0, "double", moved, [moved.buffer]), Float64Array.of(2, 4));
  assertEquals(await pool.ask(0, "double", copied), Float64Array.of(6));
  assertEquals([moved.length, copied.length], [0, 1]);
});

Deno.test("WorkerPool hands on the end of a worker's progress, and few reports before", async () => {
  const reports: string[] = [];
  using pool = openPool({
    progress: { update: (done, total, unit) => void reports.push(`${done}/${total} ${unit}`) },
  });
  await pool.ask(0, "report", 100_000);
  assertEquals(reports.at(-1), "100000/100000 steps");
  assertEquals(reports.length < 100, true);
});

Deno.test("WorkerPool fails with what the receiver of its progress throws", async () => {
  const update = () => {
    throw new TypeError("no more");
  };
  using pool = openPool({ progress: { update } });
  pool.ask(0, "report", 1).catch(() => {});
  await assertRejects(() => pool.ask(0, "wait", null), TypeError, "no more");
});

Deno.test("WorkerPool keeps the kind of a task's error, and calls others StageFailed", async () => {
  using refusing = openPool();
  await assertFails(refusing.ask(0, "refuse", "Cannot do it"), "InvalidArgument", "Cannot do it");
  using failing = openPool();
  await assertFails(failing.ask(0, "fail", "7 of 6"), "StageFailed", "Cannot count: found 7 of 6");
});

Deno.test("WorkerPool fails all that was asked, and will be, when one worker dies", async () => {
  const script = new URL("./dying_workers.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", script] })
    .output();
  const died = "StageFailed: Cannot count: its worker died: found Uncaught Error: out of order";
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), [died, died, died]);
});

Deno.test("WorkerPool stops at its signal, before and while it works, with its reason", async () => {
  const stop = new AbortController();
  using pool = openPool({ signal: stop.signal });
  const asked = assertFails(pool.ask(0, "wait", null), "Aborted", "Stopped counting");
  stop.abort();
  await asked;
  using late = openPool({ signal: AbortSignal.abort("enough") });
  const error = await assertRejects(() => late.ask(0, "report", 1), SthelarError);
  assertEquals([error.tag, error.cause], ["Aborted", "enough"]);
});

Deno.test("onSharedMemory() copies an array into memory that workers share", () => {
  const array = Int32Array.of(1, 2);
  const shared = onSharedMemory(array);
  assertEquals([[...shared], shared.buffer instanceof SharedArrayBuffer], [[1, 2], true]);
});
