/** A file that the library has open. */
export interface LibraryStream {
  readonly path: string;
  /** The machine's number for it. */
  readonly nfd: number;
}

/** The part of the library's file system that it reads files through. */
export interface LibraryFiles {
  readonly streams: readonly (LibraryStream | null | undefined)[];
  close(stream: LibraryStream): void;
  read(
    stream: unknown,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position?: number,
  ): number;
  readonly ErrnoError: new (errno: number) => Error;
}

/** Start of a global heap, where texts of any length lie: "GCOL", version 1, zeros. */
const SIGNATURE = [0x47, 0x43, 0x4f, 0x4c, 1, 0, 0, 0];
const HEAP_HEADER_BYTES = 16;
const OBJECT_HEADER_BYTES = 16;
/** Longer reads are values, not the library's own structures. */
const MAX_READ_BYTES = 2 ** 20;
const MAX_HEAP_BYTES = 2 ** 28;
/** WASI's "input/output error". */
const EIO = 29;

/**
 * Refuses damaged global heaps before the library sees them: it walks a heap by the sizes of its
 * objects, and never comes to an end over a size of 0, or one that is 0 in its 32 bits.
 */
export function guardHeaps(files: LibraryFiles): void {
  const read = files.read.bind(files);
  files.read = (stream, buffer, offset, length, position) => {
    const count = read(stream, buffer, offset, length, position);
    if (position === undefined || length > MAX_READ_BYTES) return count;
    const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset + offset, count);
    for (let at = bytes.indexOf(SIGNATURE[0]); at >= 0; at = bytes.indexOf(SIGNATURE[0], at + 1)) {
      if (!SIGNATURE.every((byte, i) => bytes[at + i] === byte)) continue;
      const header = new Uint8Array(HEAP_HEADER_BYTES);
      read(stream, header, 0, header.length, position + at);
      const size = Number(new DataView(header.buffer).getBigUint64(8, true));
      if (size > MAX_HEAP_BYTES) continue;
      const heap = new Uint8Array(size);
      const isWhole = read(stream, heap, 0, size, position + at) === size;
      if (isWhole && !endsAt(heap)) throw new files.ErrnoError(EIO);
    }
    return count;
  };
}

/** Whether the sizes of a heap's objects lead to its end. */
function endsAt(heap: Uint8Array<ArrayBuffer>): boolean {
  const view = new DataView(heap.buffer);
  for (let at = HEAP_HEADER_BYTES; at + OBJECT_HEADER_BYTES <= heap.length;) {
    const isFreeSpace = view.getUint16(at, true) === 0;
    const size = Number(view.getBigUint64(at + 8, true));
    if (size > heap.length || (isFreeSpace && size < OBJECT_HEADER_BYTES)) return false;
    at += isFreeSpace ? size : OBJECT_HEADER_BYTES + Math.ceil(size / 8) * 8;
  }
  return true;
}
