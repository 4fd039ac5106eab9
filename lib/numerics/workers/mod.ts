export { onSharedMemory } from "./on_shared_memory.ts";
export { runInWorker, type WorkerRun } from "./run_in_worker.ts";
export { serveTask } from "./serve_task.ts";
