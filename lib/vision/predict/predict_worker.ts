import { serveTasks } from "@/numerics/workers/mod.ts";
import { PREDICT_TASKS } from "./predict_tasks.ts";

serveTasks(
  PREDICT_TASKS,
  (answer) =>
    answer === undefined ? [] : [answer.truthRuns.runs.buffer, answer.predictedRuns.runs.buffer],
);
