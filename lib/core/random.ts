/** A seeded source of random numbers (sfc32), that can be split by name. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  readonly #seed: string;

  /**
   * @param seed Any text or number; equal seeds give equal sequences.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { Random } from "@/core/random.ts";
   *
   * assertEquals(new Random(7).split("bags").uniform(), new Random(7).split("bags").uniform());
   * ```
   */
  constructor(seed: string | number) {
    this.#seed = String(seed);
    [this.#a, this.#b, this.#c] = [0, 1, 2].map((salt) => hash32(`${salt}:${this.#seed}`));
    for (let i = 0; i < 15; i++) this.#next();
  }

  /** An independent source for one purpose: adding a purpose does not disturb the others. */
  split(name: string): Random {
    return new Random(`${this.#seed}/${name}`);
  }

  /** A number in [0, 1), with 53 random bits. */
  uniform(): number {
    return ((this.#next() >>> 5) * 67108864 + (this.#next() >>> 6)) / 9007199254740992;
  }

  /** A whole number in [0, below). */
  integer(below: number): number {
    return Math.floor(this.uniform() * below);
  }

  /** A number from the normal distribution with mean 0 and variance 1 (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /**
   * Fills an array with numbers from the normal distribution with mean 0 and variance 1, several times
   * faster than {@link normal}: 32 random bits each, so that none is beyond 6.7.
   */
  fillNormal(into: Float32Array): void {
    for (let i = 0; i < into.length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log((this.#next() + 1) / 4294967296));
      const angle = 2 * Math.PI * (this.#next() / 4294967296);
      into[i] = radius * Math.cos(angle);
      if (i + 1 < into.length) into[i + 1] = radius * Math.sin(angle);
    }
  }

  /** Shuffles an array in place (Fisher-Yates) and returns it. */
  shuffle<T extends unknown[] | Int32Array | Float64Array>(array: T): T {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [array[i], array[j]] = [array[j], array[i]];
    }
    return array;
  }

  #next(): number {
    const result = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }
}

/** FNV-1a with a final mix. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
