import { serveTasks } from "@/numerics/workers/mod.ts";
import { PNG_TASKS } from "./png_tasks.ts";

serveTasks(PNG_TASKS, ({ buffer }) => [buffer]);
