import type { ErrorTag } from "@/core/errors.ts";

/** What a worker tells while it runs a task, and at its end. */
export type TaskMessage =
  | {
    readonly kind: "progress";
    readonly done: number;
    readonly total: number;
    readonly unit: string;
  }
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failed"; readonly tag: ErrorTag; readonly message: string };
