import { messageOf } from "@/core/errors.ts";
import { BLOCK_TASKS, type BlockAnswers, type BlockTasks, buffersOf } from "./block_tasks.ts";
import type { RowBlock } from "./row_block.ts";

/** Gives a block to a worker, or asks all of its blocks. */
export type BlockRequest =
  | { readonly kind: "block"; readonly id: number; readonly block: RowBlock }
  | { readonly kind: "task"; readonly task: keyof BlockTasks; readonly input: unknown };

/** What a block answers, or why there is no answer. */
export type BlockReply =
  | { readonly id: number; readonly answer: BlockAnswers[keyof BlockAnswers] }
  | { readonly message: string };

interface WorkerScope {
  onmessage: ((event: MessageEvent<BlockRequest>) => void) | null;
  postMessage(reply: BlockReply, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
const blocks = new Map<number, RowBlock>();

scope.onmessage = ({ data: request }) => {
  if (request.kind === "block") {
    blocks.set(request.id, request.block);
    return;
  }
  const run = BLOCK_TASKS[request.task] as (
    block: RowBlock,
    input: unknown,
  ) => BlockAnswers[keyof BlockAnswers];
  try {
    for (const [id, block] of blocks) {
      const answer = run(block, request.input);
      scope.postMessage({ id, answer }, buffersOf(answer));
    }
  } catch (error) {
    scope.postMessage({ message: messageOf(error) });
  }
};
