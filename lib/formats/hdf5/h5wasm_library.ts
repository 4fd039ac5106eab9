import { type ErrorTag, messageOf, SthelarError } from "@/core/errors.ts";
import type * as H5wasm from "h5wasm/node";
import { guardHeaps, type LibraryFiles } from "./heap_guard.ts";

/** The library, and its module of C functions. */
export interface H5wasmLibrary {
  readonly File: typeof H5wasm.File;
  readonly Dataset: typeof H5wasm.Dataset;
  readonly Group: typeof H5wasm.Group;
  readonly module: typeof H5wasm.Module;
}

let loading: Promise<H5wasmLibrary> | undefined;

/** Loads h5wasm once, with errors that are thrown instead of printed. */
export function loadH5wasm(): Promise<H5wasmLibrary> {
  loading ??= load();
  return loading;
}

async function load(): Promise<H5wasmLibrary> {
  const { ready, File, Dataset, Group } = await import("h5wasm/node");
  const module = await ready;
  module.activate_throwing_error_handler();
  guardHeaps((module as unknown as { readonly FS: LibraryFiles }).FS);
  return { File, Dataset, Group, module };
}

/** Runs a call of the library; what it throws becomes a `SthelarError` about `path`. */
export function guardHdf5<T>(
  action: string,
  path: string,
  run: () => T,
  tag: ErrorTag = "CorruptData",
): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof SthelarError) throw cause;
    throw new SthelarError(tag, {
      action,
      found: reasonOf(cause),
      remedy: tag === "CorruptData"
        ? "the file is cut short or damaged: copy or download it again"
        : "check the free space and the name",
      path,
      cause,
    });
  }
}

/** The deepest line of the library's error stack: that is where it says what is wrong. */
function reasonOf(cause: unknown): string {
  const lines = messageOf(cause).split("\n").filter((line) => /^\s*#\d+:/.test(line));
  const deepest = lines.at(-1)?.replace(/^.*\(\): /, "");
  return deepest ?? messageOf(cause).split("\n")[0];
}
