/** What kind of trouble it is: narrow with {@link isSthelarError}. */
export type ErrorTag =
  /** A file, node, slide or stage that is not there. */
  | "NotFound"
  /** Bytes that are not what their format promises. */
  | "CorruptData"
  /** A format or version that this program does not read. */
  | "UnsupportedVersion"
  /** Ids of two files that should agree and do not. */
  | "IdMismatch"
  /** An argument, option or parameter that cannot be right. */
  | "InvalidArgument"
  /** More memory than there is. */
  | "OverBudget"
  /** The disk refused: full, read-only, no permission. */
  | "DiskFailure"
  /** Two parts of the pipeline that contradict each other. */
  | "PipelineConflict"
  /** Stopped by the user. */
  | "Aborted"
  /** A stage's process ended without a word. */
  | "StageFailed";

/** The parts of an error's message: what was being done, what was found, expected, and the remedy. */
export interface ErrorParts {
  /** What was being done, as in `Cannot read nuclei from "nucleus_boundaries.parquet"`. */
  readonly action: string;
  /** What was there. */
  readonly found?: string;
  /** What should have been there. */
  readonly expected?: string;
  /** What the user can do about it. */
  readonly remedy?: string;
  /** The file or node concerned. */
  readonly path?: string;
  /** The error below this one. */
  readonly cause?: unknown;
}

/**
 * The one error class for data, files and options.
 *
 * @example A message says action, found, expected and remedy
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SthelarError } from "@/core/errors.ts";
 *
 * const error = new SthelarError("CorruptData", {
 *   action: 'Cannot read "cells.parquet"',
 *   found: "12 bytes",
 *   expected: "a parquet file",
 *   remedy: "download the bundle again",
 * });
 * assertEquals(
 *   error.message,
 *   'Cannot read "cells.parquet": found 12 bytes, expected a parquet file; download the bundle again',
 * );
 * ```
 */
export class SthelarError extends Error {
  override readonly name = "SthelarError";
  /** What kind of trouble it is. */
  readonly tag: ErrorTag;
  /** What was there. */
  readonly found: string | undefined;
  /** What should have been there. */
  readonly expected: string | undefined;
  /** What the user can do about it. */
  readonly remedy: string | undefined;
  /** The file or node concerned. */
  readonly path: string | undefined;

  /** Composes the message from its parts. */
  constructor(tag: ErrorTag, parts: ErrorParts) {
    super(composeMessage(parts), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.tag = tag;
    this.found = parts.found;
    this.expected = parts.expected;
    this.remedy = parts.remedy;
    this.path = parts.path;
  }
}

function composeMessage({ action, found, expected, remedy }: ErrorParts): string {
  const facts = [
    ...(found === undefined ? [] : [`found ${found}`]),
    ...(expected === undefined ? [] : [`expected ${expected}`]),
  ].join(", ");
  return `${action}${facts && `: ${facts}`}${remedy === undefined ? "" : `; ${remedy}`}`;
}

/**
 * Tells whether `error` is a {@link SthelarError}, of kind `tag` if one is given.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isSthelarError, SthelarError } from "@/core/errors.ts";
 *
 * assert(isSthelarError(new SthelarError("NotFound", { action: "Cannot open x" }), "NotFound"));
 * ```
 */
export function isSthelarError(error: unknown, tag?: ErrorTag): error is SthelarError {
  return error instanceof SthelarError && (tag === undefined || error.tag === tag);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
