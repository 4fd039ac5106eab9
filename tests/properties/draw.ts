import { allocate, type NumericArray, type NumericDType } from "@/core/arrays.ts";
import { Random } from "@/core/random.ts";

const ODD_NUMBERS = [NaN, Infinity, -Infinity, -0, 0, 5e-324, 1.7e308, -1e-9, 2 ** 53];
/** First and last of ranges of code points: controls, Latin, marks, emoji, the last. */
const CODE_POINTS = [
  ...[[0x01, 0x1f], [0x20, 0x7e], [0x80, 0x2ff], [0x300, 0x36f], [0x5d0, 0x5ea], [0x4e00, 0x4fff]],
  ...[[0xfffd, 0xffff], [0x1f600, 0x1f64f], [0x10fffe, 0x10ffff]],
] as const;

/** Draws the values of one case of a property: equal seeds and sizes draw equal values. */
export class Draw {
  /** Seeded by the case. */
  readonly random: Random;
  /** How large the case may be; a failing case is tried again with smaller ones. */
  readonly size: number;

  constructor(seed: string, size: number) {
    this.random = new Random(seed);
    this.size = size;
  }

  /** A whole number in `[from, to]`. */
  integer(from: number, to: number): number {
    return from + this.random.integer(to - from + 1);
  }

  /** A length in `[0, size]`. */
  length(): number {
    return this.integer(0, this.size);
  }

  /** A number in `[from, to)`. */
  between(from: number, to: number): number {
    return from + this.random.uniform() * (to - from);
  }

  /** True in this share of the cases. */
  chance(share: number): boolean {
    return this.random.uniform() < share;
  }

  /** One of a list. */
  pick<T>(list: readonly T[]): T {
    return list[this.random.integer(list.length)];
  }

  /** A list of `count` values. */
  list<T>(count: number, make: (i: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }

  /**
   * A text of any Unicode; without lone surrogates, which UTF-8 does not hold, without NUL, and
   * without the byte-order mark, which h5wasm and hyparquet take off at the start of a text.
   */
  text(): string {
    return this.list(this.length(), () => {
      const [first, last] = this.pick(CODE_POINTS);
      return String.fromCodePoint(this.integer(first, last));
    }).join("");
  }

  /** A number of any kind, not a number and infinities too. */
  real(): number {
    if (this.chance(0.2)) return this.pick(ODD_NUMBERS);
    return this.random.normal() * 10 ** this.integer(-8, 8);
  }

  /** Values of a type over its whole range. */
  numbers(dtype: NumericDType, count: number): NumericArray {
    const data = allocate(dtype, count);
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
      for (let i = 0; i < count; i++) {
        data[i] = (BigInt(this.integer(0, 2 ** 32 - 1)) << 32n) | BigInt(this.integer(0, 99));
      }
      return data;
    }
    const isFloat = dtype.startsWith("float");
    for (let i = 0; i < count; i++) {
      data[i] = isFloat ? this.real() : this.pick([0, -1, this.integer(-(2 ** 31), 2 ** 31)]);
    }
    return data;
  }

  /** The numbers `0 .. count - 1` in a random order. */
  permutation(count: number): Int32Array {
    return this.random.shuffle(Int32Array.from({ length: count }, (_, i) => i));
  }
}
