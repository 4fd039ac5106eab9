import { type H5wasmExports, H5wasmInstance, type H5wasmModule } from "./h5wasm_instance.ts";
import { guardHeaps } from "./heap_guard.ts";
import { loadBounded } from "./memory_bound.ts";

let current: Promise<H5wasmInstance> | undefined;
let generation = 0;

/**
 * An instance of h5wasm that can open a file, with errors that are thrown instead of printed. The
 * caller's use is counted: it releases the instance when the file is closed.
 *
 * @param identity Of the file, as from {@link identityOf}; `undefined` for one that is yet to be.
 */
export async function useH5wasm(identity?: string): Promise<H5wasmInstance> {
  for (;;) {
    const loading = current ??= load();
    const instance = await loading;
    if (instance.canOpen(identity)) {
      instance.use();
      return instance;
    }
    instance.retire();
    if (current === loading) current = undefined;
  }
}

/** What the library knows a file by, whatever its path. */
export function identityOf(path: string, { dev, ino }: Deno.FileInfo): string {
  return ino === null ? path : `${dev}:${ino}`;
}

async function load(): Promise<H5wasmInstance> {
  const { loaded: [library, module], bound } = await loadBounded(async () => {
    const library = await importAnew();
    return [library, await library.ready] as const;
  });
  module.activate_throwing_error_handler();
  guardHeaps(module.FS);
  return new H5wasmInstance(library, module, bound);
}

/** A module that is imported under another address is another module, with variables of its own. */
async function importAnew(): Promise<H5wasmExports & { readonly ready: Promise<H5wasmModule> }> {
  if (generation++ === 0) {
    return await import("h5wasm/node") as unknown as Awaited<ReturnType<typeof importAnew>>;
  }
  return await import(`${import.meta.resolve("h5wasm/node")}?generation=${generation}`);
}
