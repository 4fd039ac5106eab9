import { SthelarError } from "@/core/errors.ts";
import { type DuckDb, quoteText } from "../parquet/mod.ts";

/** Seeds that are tried before giving up; one in about 300 fails for 5,000 names. */
const MAX_SEEDS = 64;
/** Marks an empty slot. */
const EMPTY = -1;

/**
 * Turns names into their positions in a list by 32-bit hashes that DuckDB computes: half the time
 * of a join, a third of a cast to an enum. A seed is chosen with which the hashes of all names
 * differ, so that the codes are exact for a column that holds no other names.
 */
export class FeatureCodes {
  readonly #seed: number;
  /** Open addressing: hash and code of each slot. */
  readonly #slotHash: Uint32Array;
  readonly #slotCode: Int32Array;

  private constructor(seed: number, hashes: Uint32Array) {
    this.#seed = seed;
    const slots = 4 << Math.ceil(Math.log2(hashes.length + 1));
    this.#slotHash = new Uint32Array(slots);
    this.#slotCode = new Int32Array(slots).fill(EMPTY);
    for (let code = 0; code < hashes.length; code++) {
      let slot = hashes[code] & (slots - 1);
      while (this.#slotCode[slot] !== EMPTY) slot = (slot + 1) & (slots - 1);
      this.#slotHash[slot] = hashes[code];
      this.#slotCode[slot] = code;
    }
  }

  /**
   * Chooses the seed.
   *
   * @param names All names of the column, distinct.
   * @throws {SthelarError} `InvalidArgument` if names are there twice.
   */
  static async open(db: DuckDb, names: readonly string[]): Promise<FeatureCodes> {
    const list = `[${names.map(quoteText).join(", ")}]::varchar[]`;
    for (let seed = 0; seed < MAX_SEEDS; seed++) {
      const result = await db.query(
        `select ${hashSql("name", seed)} as hash
         from (select unnest(${list} || [null]) as name, unnest(range(${names.length + 1})) as i)
         order by i`,
      );
      const hashes = result.numbers("hash") as Uint32Array;
      if (new Set(hashes).size === hashes.length) {
        return new FeatureCodes(seed, hashes.subarray(0, names.length));
      }
    }
    throw new SthelarError("InvalidArgument", {
      action: "Cannot give codes to feature names",
      found: `no seed with which the hashes of ${names.length} names differ`,
      expected: "distinct names",
    });
  }

  /** SQL for the hash of a name. */
  hashSql(name: string): string {
    return hashSql(name, this.#seed);
  }

  /**
   * Position of each name in the list.
   *
   * @param hashes Hash of each name; its memory is used for the result.
   * @param path The file, for messages.
   * @throws {SthelarError} `CorruptData` if a name is missing.
   */
  decodeInPlace(hashes: Uint32Array, path: string): Int32Array {
    const slotHash = this.#slotHash, slotCode = this.#slotCode, mask = slotHash.length - 1;
    const codes = new Int32Array(hashes.buffer, hashes.byteOffset, hashes.length);
    let missing = 0;
    for (let i = 0; i < hashes.length; i++) {
      const hash = hashes[i];
      let slot = hash & mask;
      while (slotHash[slot] !== hash && slotCode[slot] !== EMPTY) slot = (slot + 1) & mask;
      codes[i] = slotCode[slot];
      missing += slotCode[slot] >>> 31;
    }
    if (missing === 0) return codes;
    throw new SthelarError("CorruptData", {
      action: `Cannot read column "feature_name" of "${path}"`,
      found: `${missing} missing values of ${hashes.length}`,
      expected: "a name a row",
      path,
    });
  }
}

function hashSql(name: string, seed: number): string {
  const values = seed === 0 ? name : `${name}, ${seed}`;
  return `(hash(${values}) & 4294967295)::uinteger`;
}
