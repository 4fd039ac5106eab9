import { messageOf } from "@/core/errors.ts";
import { DESCENT_TASKS, type DescentAnswers, type DescentTasks } from "./descent_tasks.ts";

/** Asks a worker for one task. */
export interface DescentRequest {
  readonly id: number;
  readonly task: keyof DescentTasks;
  readonly input: unknown;
}

/** What it answers, or why there is no answer. */
export type DescentReply =
  | { readonly id: number; readonly answer: DescentAnswers[keyof DescentAnswers] }
  | { readonly id: number; readonly message: string };

interface WorkerScope {
  onmessage: ((event: MessageEvent<DescentRequest>) => void) | null;
  postMessage(reply: DescentReply): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { id, task, input } }) => {
  const run = DESCENT_TASKS[task] as (input: unknown) => DescentAnswers[keyof DescentAnswers];
  try {
    scope.postMessage({ id, answer: run(input) });
  } catch (error) {
    scope.postMessage({ id, message: messageOf(error) });
  }
};
