/** What is used of `Deno.jupyter`. */
export interface JupyterBroadcast {
  /** Sends a message to whoever listens to the kernel. */
  broadcast(type: string, content: Record<string, unknown>): Promise<void>;
}

/** The kernel's own interface, `undefined` outside of a notebook, where asking for it throws. */
export function jupyter(): JupyterBroadcast | undefined {
  try {
    return (Deno as unknown as { jupyter?: JupyterBroadcast }).jupyter;
  } catch {
    return undefined; // "only available in `deno jupyter`"
  }
}

/**
 * Whether this code runs in a notebook's cell.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inNotebook } from "@/notebook/in_notebook.ts";
 *
 * assertEquals(inNotebook(), false);
 * ```
 */
export function inNotebook(): boolean {
  return jupyter() !== undefined;
}
