/** A value of a TIFF tag: whole numbers of one width, or text. */
export type TagValue =
  | { readonly type: "short" | "long" | "offset"; readonly values: readonly number[] }
  | { readonly type: "ascii"; readonly text: string };

/** One entry of a TIFF directory. */
export interface TiffTag {
  /** The tag's number. */
  readonly tag: number;
  /** Its value. */
  readonly value: TagValue;
}

/** Where the parts of a directory lie: classic TIFF counts in 32 bits, BigTIFF in 64. */
export interface TiffFlavour {
  /** Whether it is a BigTIFF. */
  readonly big: boolean;
}

const HEADER_BYTES = { classic: 8, big: 16 } as const;

/** Bytes of the file's header. */
function headerLength({ big }: TiffFlavour): number {
  return big ? HEADER_BYTES.big : HEADER_BYTES.classic;
}

/** The little-endian header of a file whose first directory lies at `firstDirectory`. */
export function headerBytes(flavour: TiffFlavour, firstDirectory: number): Uint8Array {
  const bytes = new Uint8Array(headerLength(flavour));
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49]);
  if (flavour.big) {
    view.setUint16(2, 43, true);
    view.setUint16(4, 8, true);
    view.setBigUint64(8, BigInt(firstDirectory), true);
  } else {
    view.setUint16(2, 42, true);
    view.setUint32(4, firstDirectory, true);
  }
  return bytes;
}

/**
 * A directory and the values that don't fit in its entries, for the place `offset` in the file.
 *
 * @param tags In any order; they are stored by number as TIFF wants.
 * @param offset An even offset where the bytes will lie.
 * @param next Offset of the directory that follows, 0 if it is the last.
 */
export function directoryBytes(
  tags: readonly TiffTag[],
  offset: number,
  { big }: TiffFlavour,
  next = 0,
): Uint8Array {
  const sorted = tags.toSorted((a, b) => a.tag - b.tag);
  const entryBytes = big ? 20 : 12;
  const inlineBytes = big ? 8 : 4;
  const tableBytes = (big ? 8 : 2) + sorted.length * entryBytes + (big ? 8 : 4);
  const payloads = sorted.map(({ value }) => valueBytes(value, big));
  let end = tableBytes;
  const places = payloads.map((payload) => {
    if (payload.length <= inlineBytes) return 0;
    const place = end + (end % 2);
    end = place + payload.length;
    return place;
  });
  const bytes = new Uint8Array(end + (end % 2));
  const view = new DataView(bytes.buffer);
  if (big) view.setBigUint64(0, BigInt(sorted.length), true);
  else view.setUint16(0, sorted.length, true);
  if (big) view.setBigUint64(tableBytes - 8, BigInt(next), true);
  else view.setUint32(tableBytes - 4, next, true);
  sorted.forEach(({ tag, value }, i) => {
    const at = (big ? 8 : 2) + i * entryBytes;
    const payload = payloads[i];
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, typeCode(value, big), true);
    const count = value.type === "ascii" ? payload.length : value.values.length;
    if (big) view.setBigUint64(at + 4, BigInt(count), true);
    else view.setUint32(at + 4, count, true);
    const valueAt = at + entryBytes - inlineBytes;
    if (places[i] === 0) bytes.set(payload, valueAt);
    else {
      bytes.set(payload, places[i]);
      if (big) view.setBigUint64(valueAt, BigInt(offset + places[i]), true);
      else view.setUint32(valueAt, offset + places[i], true);
    }
  });
  return bytes;
}

function typeCode(value: TagValue, big: boolean): number {
  if (value.type === "ascii") return 2;
  if (value.type === "short") return 3;
  return value.type === "offset" && big ? 16 : 4;
}

function valueBytes(value: TagValue, big: boolean): Uint8Array {
  if (value.type === "ascii") return new TextEncoder().encode(`${value.text}\0`);
  if (value.type === "short") return new Uint8Array(Uint16Array.from(value.values).buffer);
  if (value.type === "offset" && big) {
    return new Uint8Array(BigUint64Array.from(value.values, BigInt).buffer);
  }
  return new Uint8Array(Uint32Array.from(value.values).buffer);
}
