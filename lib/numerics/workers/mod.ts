export { onSharedMemory } from "./on_shared_memory.ts";
export { runInWorker, type WorkerRun } from "./run_in_worker.ts";
export { serveTask } from "./serve_task.ts";
export { serveTasks, type Tasks } from "./serve_tasks.ts";
export { WorkerPool, type WorkerPoolOptions } from "./worker_pool.ts";
