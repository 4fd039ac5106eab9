/** How far the memory of an instance of the library may grow. */
export interface MemoryBound {
  /** Bytes in all; what asks for more is told that there is none. */
  limitBytes: number;
}

/** What the library asks of its surroundings. */
interface Environment {
  /** Only h5wasm has this. */
  readonly throw_error?: unknown;
  /** Whether memory could be made so large. */
  emscripten_resize_heap: (bytes: number) => boolean;
  /** Prints, and throws. */
  _abort_js: () => void;
  /** Time of a change, ms since 1970. */
  emscripten_date_now: () => number;
}

type Instantiate = (
  source: BufferSource | WebAssembly.Module,
  imports?: WebAssembly.Imports,
) => Promise<WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource>;

/** What an instance prints of texts that it decodes with U+FFFD for the bytes that are wrong. */
const WARNING = /^warning: Invalid UTF-8 leading byte/;

/** Compiled once, for all instances. */
let compiled: WebAssembly.Module | undefined;

/**
 * Loads an instance of the library whose memory is bounded, and which throws without a print when it
 * aborts. The library has no setting for either, so its imports are exchanged when it hands them to
 * the runtime; it keeps the `console.error` that it finds, without its warnings.
 */
export async function loadBounded<T>(
  load: () => Promise<T>,
): Promise<{ readonly loaded: T; readonly bound: MemoryBound }> {
  const bound: MemoryBound = { limitBytes: Infinity };
  const instantiate = WebAssembly.instantiate as Instantiate;
  const exchange: Instantiate = async (source, imports) => {
    const environment = imports?.env as unknown as Environment | undefined;
    if (environment?.throw_error === undefined) return await instantiate(source, imports);
    setBound(environment, bound);
    const module = compiled ??= await WebAssembly.compile(source as BufferSource);
    return { module, instance: await instantiate(module, imports) as WebAssembly.Instance };
  };
  const print = console.error;
  WebAssembly.instantiate = exchange as typeof WebAssembly.instantiate;
  console.error = (...said: unknown[]) => {
    if (!WARNING.test(String(said[0]))) print(...said);
  };
  try {
    return { loaded: await load(), bound };
  } finally {
    WebAssembly.instantiate = instantiate as typeof WebAssembly.instantiate;
    console.error = print;
  }
}

function setBound(environment: Environment, bound: MemoryBound): void {
  const resize = environment.emscripten_resize_heap;
  const resizeWithin = (bytes: number) => bytes >>> 0 <= bound.limitBytes && resize(bytes);
  environment.emscripten_resize_heap = Object.assign(resizeWithin, resize);
  environment._abort_js = () => {
    throw new WebAssembly.RuntimeError("the library aborted");
  };
  // Datasets keep the time of their last change: without it equal content gives equal files.
  environment.emscripten_date_now = () => 0;
}
