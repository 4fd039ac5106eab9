import { serveTasks } from "@/numerics/workers/mod.ts";
import { DESCENT_TASKS } from "./descent_tasks.ts";

serveTasks(DESCENT_TASKS);
