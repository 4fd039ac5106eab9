/** A file's content. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What a parser is given: files by path, as in `/store/zarr.json`. */
export type Sample = ReadonlyMap<string, Bytes>;

/** A named sample: a good one to mutate, or one made by hand to do harm. */
export interface NamedSample {
  readonly name: string;
  readonly files: Sample;
  /** Files that are mutated; all unless told. */
  readonly mutable?: readonly string[];
}

/** A parser, and what it is fed with. */
export interface Target {
  /** As in `--target zip`. */
  readonly name: string;
  /** Small good files. */
  seeds(): Promise<readonly NamedSample[]>;
  /** Files made by hand: cycles, absurd sizes, endless nesting. */
  hostile?(): Promise<readonly NamedSample[]>;
  /**
   * Reads all there is to read.
   *
   * @param seed Name of the sample that was mutated.
   * @returns The values read: typed arrays, texts, numbers, lists, maps and objects of them.
   * @throws {Error} What the parser throws; `NotWellFormed` if it returned nonsense.
   */
  read(files: Sample, seed: string): Promise<unknown>;
  /** Whether a change to this file must not change what is read: it is an error or harmless. */
  isChecksummed?(path: string): boolean;
  /** Whether the parser knows of no file, so that its errors name none. */
  readonly isPathless?: true;
}

/** A read that returned values that contradict each other. */
export class NotWellFormed extends Error {
  override readonly name = "NotWellFormed";
}

/** Fails a read that returned nonsense. */
export function expectThat(condition: boolean, what: string): void {
  if (!condition) throw new NotWellFormed(what);
}
