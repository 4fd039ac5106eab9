import type { Disk } from "@/core/disk.ts";

/** Header of HDF5's modification time message (type 18, 8 bytes), and its version. */
const MESSAGE = [0x12, 0, 8, 0] as const;
const VERSION = [0, 0, 0, 1, 0, 0, 0] as const;
const VERSION_AT = 5;
const TIME_AT = 12;
const HEADER_BYTES = 16;

/** Sets the modification times in an HDF5 file to 0, so that equal content makes equal bytes. */
export async function clearHdf5Times(disk: Disk, path: string): Promise<void> {
  const bytes = await disk.read(path);
  if (bytes === undefined) return;
  const view = new DataView(bytes.buffer);
  for (
    let at = bytes.indexOf(MESSAGE[0]);
    at >= 0 && at + HEADER_BYTES <= bytes.length;
    at = bytes.indexOf(MESSAGE[0], at + 1)
  ) {
    const isTime = MESSAGE.every((byte, i) => bytes[at + i] === byte) &&
      VERSION.every((byte, i) => bytes[at + VERSION_AT + i] === byte);
    if (isTime) view.setUint32(at + TIME_AT, 0, true);
  }
  await disk.write(path, bytes);
}
