/** Types of thrift's compact protocol that parquet uses. */
const TYPE = {
  stop: 0,
  true: 1,
  false: 2,
  byte: 3,
  int16: 4,
  int32: 5,
  int64: 6,
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
} as const;

const MAX_DEPTH = 64;
/** Seven bits a byte, 64 in all. */
const MAX_VARINT_BYTES = 10;
/** A list's length from here on follows as a number of its own. */
const LONG_LIST = 15;

/**
 * Is told of a whole number below 2^53 in a struct, or of true (1) and false (0).
 *
 * @param field The field's number.
 * @param outer Numbers of the fields that the struct is in, outermost first.
 */
export type NumberVisitor = (field: number, value: number, outer: readonly number[]) => void;

/**
 * Walks over a struct in thrift's compact protocol, the encoding of parquet's metadata, and takes no
 * memory for what it finds: a reader of it makes room for as many elements as a list declares.
 *
 * @param visit Is told of the numbers in it, and in structs in it, but not of those in lists.
 * @returns Bytes of the struct.
 * @throws {Error} If it does not end within `bytes`, or a list or text is longer than what is left.
 */
export function checkThrift(bytes: Uint8Array, visit?: NumberVisitor): number {
  return structEnd(bytes, 0, [], visit);
}

function structEnd(
  bytes: Uint8Array,
  start: number,
  outer: readonly number[],
  visit: NumberVisitor | undefined,
): number {
  let at = start;
  let field = 0;
  for (;;) {
    const [type, delta] = halves(bytes, at++);
    if (type === TYPE.stop) return at;
    field += delta;
    if (delta === 0) {
      const { value, end } = varint(bytes, at);
      [field, at] = [unzigzag(value), end];
    }
    // A field that is true or false is nothing but its type.
    if (type === TYPE.true || type === TYPE.false) {
      visit?.(field, Number(type === TYPE.true), outer);
      continue;
    }
    if (type === TYPE.struct) {
      if (outer.length >= MAX_DEPTH) throw new Error(`values within ${MAX_DEPTH} others`);
      at = structEnd(bytes, at, [...outer, field], visit);
      continue;
    }
    if (type === TYPE.int32 || type === TYPE.int64) {
      visit?.(field, unzigzag(varint(bytes, at).value), outer);
    }
    at = elementEnd(bytes, at, type, outer.length);
  }
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function elementEnd(bytes: Uint8Array, at: number, type: number, depth: number): number {
  if (depth > MAX_DEPTH) throw new Error(`values within ${MAX_DEPTH} others`);
  switch (type) {
    case TYPE.true:
    case TYPE.false:
    case TYPE.byte:
      return within(bytes, at + 1);
    case TYPE.int16:
    case TYPE.int32:
    case TYPE.int64:
      return varint(bytes, at).end;
    case TYPE.double:
      return within(bytes, at + 8);
    case TYPE.binary: {
      const { value, end } = varint(bytes, at);
      return within(bytes, end + value);
    }
    case TYPE.list:
      return listEnd(bytes, at, depth);
    case TYPE.struct:
      return structEnd(bytes, at, new Array(depth + 1).fill(0), undefined);
    default:
      throw new Error(`a value of the unknown type ${type}`);
  }
}

function listEnd(bytes: Uint8Array, start: number, depth: number): number {
  const [type, short] = halves(bytes, start);
  const { value: count, end } = short === LONG_LIST
    ? varint(bytes, start + 1)
    : { value: short, end: start + 1 };
  // An element takes a byte at least.
  if (count > bytes.length - end) {
    throw new Error(`a list of ${count} elements in ${bytes.length - end} bytes`);
  }
  let at = end;
  for (let i = 0; i < count; i++) at = elementEnd(bytes, at, type, depth + 1);
  return at;
}

/** The type in the low half of a byte, and the number in its high half. */
function halves(bytes: Uint8Array, at: number): [type: number, high: number] {
  within(bytes, at + 1);
  return [bytes[at] & 0x0f, bytes[at] >> 4];
}

/** A number in groups of seven bits, lowest first. */
export function varint(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = bytes[within(bytes, start + i + 1) - 1];
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: start + i + 1 };
  }
  throw new Error(`a number of more than ${MAX_VARINT_BYTES} bytes`);
}

function within(bytes: Uint8Array, end: number): number {
  if (end > bytes.length) {
    throw new Error(`a struct that ends ${end - bytes.length} bytes too late`);
  }
  return end;
}
