import type { ErrorParts, ErrorTag } from "@/core/errors.ts";
import type { BufferSpec, Model } from "./model.ts";
import type { TensorData } from "./tensor_type.ts";

/** How a worker opens its models. */
export interface OpenRequest {
  readonly kind: "open";
  readonly models: Readonly<Record<string, Model>>;
  readonly buffers: readonly BufferSpec[];
  readonly threads: number;
  readonly provider: string;
}

/** What runs in a step: models by name, and buffers that are set to zero. */
export type OrderItem = string | { readonly zero: string };

/** A loop of steps. */
export interface RunRequest {
  readonly kind: "run";
  readonly steps: number;
  readonly order: readonly OrderItem[];
  readonly feeds: Readonly<Record<string, TensorData>>;
  readonly watch: readonly string[];
  readonly reports: boolean;
}

/** What a worker is asked. */
export type ProgramRequest =
  | OpenRequest
  | RunRequest
  | {
    readonly kind: "write";
    readonly name: string;
    readonly data: TensorData;
    readonly at: number;
  }
  | { readonly kind: "read"; readonly name: string; readonly start: number; readonly end: number }
  | { readonly kind: "take"; readonly name: string }
  | { readonly kind: "close" };

/** Values of watched tensors, step after step. */
export type Watched = Readonly<Record<string, Float64Array<ArrayBuffer>>>;

/** What a worker answers: reports while it runs, then one of the others. */
export type Reply =
  | { readonly id: number; readonly kind: "report"; readonly value: unknown }
  | { readonly id: number; readonly kind: "done"; readonly value: unknown }
  | {
    readonly id: number;
    readonly kind: "failed";
    readonly tag: ErrorTag;
    readonly parts: ErrorParts;
  };

/** A part of the watched values, on its way. */
export interface StepReport {
  readonly firstStep: number;
  readonly values: Watched;
}

/** What opening answers. */
export interface Opened {
  /** Version of onnxruntime. */
  readonly runtime: string;
}
