import type { ErrorTag } from "@/core/errors.ts";

/** Asks a worker for one task. */
export interface PoolRequest {
  readonly id: number;
  readonly task: string;
  readonly input: unknown;
}

/** What a worker tells while it runs a task, and at its end. */
export type PoolReply =
  | {
    readonly kind: "progress";
    readonly done: number;
    readonly total: number;
    readonly unit: string;
  }
  | { readonly kind: "done"; readonly id: number; readonly answer: unknown }
  /** Without a tag if it is no error of this program. */
  | { readonly kind: "failed"; readonly tag: ErrorTag | undefined; readonly message: string };
