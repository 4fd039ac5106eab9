import type { AsyncBuffer } from "hyparquet";
import { checkThrift } from "./check_thrift.ts";

/** "PAR1". */
const MAGIC = 0x31524150;
/** The footer's length and the magic number. */
const TAIL_BYTES = 8;
/** Read at once: most footers are shorter. */
const FIRST_READ_BYTES = 2 ** 16;

/**
 * The bytes of a file's footer and of what follows it, once they are known to be whole.
 *
 * @throws {Error} If the file is no parquet file, or its footer declares more than it holds.
 */
export async function readFooter(file: AsyncBuffer): Promise<ArrayBuffer> {
  const { byteLength } = file;
  if (byteLength < TAIL_BYTES) throw new Error(`a file of ${byteLength} bytes`);
  const tail = await file.slice(Math.max(0, byteLength - FIRST_READ_BYTES), byteLength);
  const view = new DataView(tail, tail.byteLength - TAIL_BYTES);
  if (view.getUint32(4, true) !== MAGIC) throw new Error('a file that does not end in "PAR1"');
  const length = view.getUint32(0, true) + TAIL_BYTES;
  if (length > byteLength) {
    throw new Error(`a footer of ${length} bytes in a file of ${byteLength}`);
  }
  const footer = length <= tail.byteLength
    ? tail.slice(tail.byteLength - length)
    : await file.slice(byteLength - length, byteLength);
  checkThrift(new Uint8Array(footer, 0, length - TAIL_BYTES));
  return footer;
}
