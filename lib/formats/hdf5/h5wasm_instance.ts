import { type ErrorTag, messageOf, SthelarError } from "@/core/errors.ts";
import type * as H5wasm from "h5wasm/node";
import type { LibraryFiles } from "./heap_guard.ts";
import type { MemoryBound } from "./memory_bound.ts";

/** The library's module of C functions, and of the files it has open. */
export type H5wasmModule = typeof H5wasm.Module & { readonly FS: LibraryFiles };

/** What h5wasm exports. */
export interface H5wasmExports {
  readonly File: typeof H5wasm.File;
  readonly Dataset: typeof H5wasm.Dataset;
  readonly Group: typeof H5wasm.Group;
}

/** A call of the library. */
export interface LibraryCall {
  /** What is being done, for messages. */
  readonly action: string;
  readonly path: string;
  /** What its failure is; `CorruptData` unless told. */
  readonly tag?: ErrorTag;
  /** How much memory it may take beyond what the library has, bytes. */
  readonly bytes: number;
}

/** An error leaves a little behind in an instance: after so many another one takes over. */
const MAX_FAULTS = 16;
/** The first numbers of files are those of the standard streams. */
const LAST_STANDARD_STREAM = 2;

/**
 * One instance of h5wasm, in memory of its own.
 *
 * An error inside the library leaves objects open, and with them the file: opened again it would be
 * answered for from memory, whatever it holds by then. An abort leaves anything. So an instance
 * opens no file that it still holds, is retired after a few errors, and is lost after an abort.
 */
export class H5wasmInstance {
  readonly File: typeof H5wasm.File;
  readonly Dataset: typeof H5wasm.Dataset;
  readonly Group: typeof H5wasm.Group;
  readonly module: H5wasmModule;
  readonly #bound: MemoryBound;
  /** Identities of files that errors left open. */
  readonly #held = new Set<string>();
  #faults = 0;
  #users = 0;
  #state: "ready" | "retired" | "lost" = "ready";

  constructor({ File, Dataset, Group }: H5wasmExports, module: H5wasmModule, bound: MemoryBound) {
    this.File = File;
    this.Dataset = Dataset;
    this.Group = Group;
    this.module = module;
    this.#bound = bound;
  }

  /** Whether it can open a file, new or of this identity. */
  canOpen(identity: string | undefined): boolean {
    if (this.#state !== "ready" || this.#faults >= MAX_FAULTS) return false;
    return identity === undefined || !this.#held.has(identity);
  }

  /** A file is opened; each use is followed by one {@link release}. */
  use(): void {
    this.#users++;
  }

  /** A file was closed, or could not be opened. */
  release(path: string, identity: string | undefined): void {
    this.#users--;
    if (this.#state !== "lost" && this.#holds(path)) {
      this.#faults++;
      if (identity === undefined) this.#state = "retired";
      else this.#held.add(identity);
    }
    this.#forgetIfUnused();
  }

  /** Opens nothing any more, and ends when its last file is closed. */
  retire(): void {
    if (this.#state === "ready") this.#state = "retired";
    this.#forgetIfUnused();
  }

  /** Runs a call; what it throws becomes a `SthelarError`. */
  run<T>({ action, path, tag = "CorruptData", bytes }: LibraryCall, run: () => T): T {
    if (this.#state === "lost") throw lostError(action, path);
    this.#bound.limitBytes = this.module.HEAPU8.length + bytes;
    try {
      return run();
    } catch (cause) {
      if (cause instanceof SthelarError) throw cause;
      this.#faults++;
      if (isFatal(cause)) this.#lose();
      throw new SthelarError(tag, {
        action,
        found: reasonOf(cause),
        remedy: tag === "CorruptData"
          ? "the file is cut short or damaged: copy or download it again"
          : "check the free space and the name",
        path,
        cause,
      });
    } finally {
      this.#bound.limitBytes = Infinity;
    }
  }

  /** Closes a file; after an abort there is nothing to close. */
  close(file: H5wasm.File, call: LibraryCall): void {
    if (this.#state !== "lost") this.run(call, () => file.close());
  }

  #holds(path: string): boolean {
    return this.module.FS.streams.some((stream) =>
      stream?.path === path || stream?.path.endsWith(`/${path}`)
    );
  }

  #forgetIfUnused(): void {
    if (this.#state === "retired" && this.#users === 0) this.#lose();
  }

  /** Closes its files, and lets go of its memory: h5wasm's own variables keep these two objects. */
  #lose(): void {
    this.#state = "lost";
    const { FS } = this.module;
    for (const stream of [...FS.streams]) {
      if (stream && stream.nfd > LAST_STANDARD_STREAM) FS.close(stream);
    }
    for (const object of [this.module, FS]) {
      for (const key of Reflect.ownKeys(object)) Reflect.deleteProperty(object, key);
    }
  }
}

/** Whether an error says nothing of what the library was doing when it came. */
function isFatal(cause: unknown): boolean {
  if (cause instanceof SuppressedError) return isFatal(cause.error) || isFatal(cause.suppressed);
  return cause instanceof WebAssembly.RuntimeError || cause instanceof RangeError;
}

function lostError(action: string, path: string): SthelarError {
  return new SthelarError("CorruptData", {
    action,
    found: "that the HDF5 library broke down over a damaged file while this one was open",
    remedy: "open the file again",
    path,
  });
}

/** The deepest line of the library's error stack: that is where it says what is wrong. */
function reasonOf(cause: unknown): string {
  const lines = messageOf(cause).split("\n").filter((line) => /^\s*#\d+:/.test(line));
  const deepest = lines.at(-1)?.replace(/^.*\(\): /, "");
  return deepest ?? messageOf(cause).split("\n")[0];
}
