// Run by worker_pool_test.ts, since dying workers write to stderr: one of two dies, and what it says.
import { isSthelarError } from "@/core/errors.ts";
import { WorkerPool } from "@/numerics/workers/mod.ts";
import type { TestAnswers, TestTasks } from "./test_worker.ts";

async function failureOf(asked: Promise<unknown>): Promise<string> {
  const [{ reason }] = await Promise.allSettled([asked]) as [PromiseRejectedResult];
  return isSthelarError(reason) ? `${reason.tag}: ${reason.message}` : String(reason);
}

const options = { size: 2, action: "Cannot count", stopped: "Stopped counting" };
const url = new URL("./test_worker.ts", import.meta.url);
using pool = new WorkerPool<TestTasks, TestAnswers>(url, options);
const asked = [pool.ask(1, "wait", null), pool.ask(0, "die", "out of order")];
const failures = await Promise.all(asked.map(failureOf));
failures.push(await failureOf(pool.ask(1, "report", 1)));
console.log(JSON.stringify(failures));
