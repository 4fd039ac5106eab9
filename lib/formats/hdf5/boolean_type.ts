import { SthelarError } from "@/core/errors.ts";
import type { Metadata } from "h5wasm/node";
import { TYPE_CLASS } from "./value_type.ts";

/**
 * h5py's booleans are an HDF5 enumeration, which h5wasm reads but cannot create. A dataset is
 * therefore created with a record type of one byte, whose description is longer than the
 * enumeration's, and the description is replaced in the closed file.
 */
export const booleanPlaceholder: Pick<
  Metadata,
  "type" | "size" | "signed" | "vlen" | "littleEndian" | "compound_type"
> = {
  type: TYPE_CLASS.compound,
  size: 1,
  signed: false,
  vlen: false,
  littleEndian: true,
  compound_type: {
    nmembers: 1,
    members: [{
      name: "boolean",
      offset: 0,
      type: TYPE_CLASS.integer,
      size: 1,
      signed: true,
      vlen: false,
      littleEndian: true,
      shape: [],
      maxshape: null,
      chunks: null,
      total_size: 1,
    }],
  },
};

/** Datatype message of `enum { FALSE = 0, TRUE = 1 }` over int8, as h5py writes it. */
// deno-fmt-ignore
const BOOLEAN_MESSAGE = [
  0x18, 2, 0, 0, 1, 0, 0, 0,
  0x10, 8, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0,
  0x46, 0x41, 0x4c, 0x53, 0x45, 0, 0, 0, 0x54, 0x52, 0x55, 0x45, 0, 0, 0, 0,
  0, 1,
];
const DATATYPE_MESSAGE = 3;
const COMPOUND_VERSION_1 = 0x16;
const HEADER_BYTES = 4096;

/**
 * Replaces the placeholder by the boolean type.
 *
 * @param path The closed file.
 * @param addresses Where the object headers (version 1) of the datasets are.
 * @throws {SthelarError} `CorruptData` if there is no placeholder at an address.
 */
export async function replacePlaceholders(
  path: string,
  addresses: readonly number[],
): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  const header = new Uint8Array(HEADER_BYTES);
  for (const address of addresses) {
    await file.seek(address, Deno.SeekMode.Start);
    const count = await file.read(header) ?? 0;
    const message = findDatatype(header.subarray(0, count));
    if (message === undefined) {
      throw new SthelarError("CorruptData", {
        action: `Cannot write booleans to "${path}"`,
        found: `no type description at byte ${address}`,
        path,
      });
    }
    const replacement = new Uint8Array(message.length);
    replacement.set(BOOLEAN_MESSAGE);
    await file.seek(address + message.start, Deno.SeekMode.Start);
    for (let at = 0; at < replacement.length;) at += await file.write(replacement.subarray(at));
  }
}

function findDatatype(header: Uint8Array): { start: number; length: number } | undefined {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length < 16 || header[0] !== 1) return undefined;
  for (let at = 16; at + 8 <= header.length; at += 8 + view.getUint16(at + 2, true)) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) !== DATATYPE_MESSAGE) continue;
    const isPlaceholder = header[at + 8] === COMPOUND_VERSION_1 &&
      length >= BOOLEAN_MESSAGE.length;
    return isPlaceholder ? { start: at + 8, length } : undefined;
  }
  return undefined;
}
