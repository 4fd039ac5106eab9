import { serveTasks } from "@/numerics/workers/mod.ts";
import { MASK_TASKS } from "./patch_mask_tasks.ts";

serveTasks(
  MASK_TASKS,
  (answer) =>
    (answer ?? []).flatMap(({ instances, nucleusIds, cellIds }) =>
      [instances, nucleusIds, cellIds].map(({ buffer }) => buffer as ArrayBuffer)
    ),
);
