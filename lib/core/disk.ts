/** What is known of a file without reading it. */
export interface FileStat {
  /** Bytes. */
  readonly size: number;
  /** Last change, ms since 1970. */
  readonly modifiedMs: number;
  /** The file system's number for the file, 0 where it has none. */
  readonly inode: number;
  /** Whether it is a folder. */
  readonly isDirectory: boolean;
}

/**
 * The files that the formats and the pipeline write to: a real disk, memory, or one that fails on
 * purpose. Paths are absolute and use `/`. Every method rejects with a `SthelarError`
 * (`DiskFailure`, `NotFound`) that names the path.
 */
export interface Disk {
  /** Whole content of a file, `undefined` if there is none. */
  read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Exactly `length` bytes from `offset`, `undefined` if there is no file. */
  readRange(
    path: string,
    offset: number,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Creates or replaces a file, and the folders above it. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Moves a file or folder; replaces a file, never a folder with content. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file (a hard link, or a copy where the disk has none). */
  link(from: string, to: string): Promise<void>;
  /** Creates a folder and those above it. */
  makeDirectory(path: string): Promise<void>;
  /** Removes a file or a folder with all it holds; nothing there is no error. */
  remove(path: string): Promise<void>;
  /** Names in a folder, sorted; empty if there is no folder. */
  list(path: string): Promise<string[]>;
  /** What is known of a file or folder, `undefined` if there is none. */
  stat(path: string): Promise<FileStat | undefined>;
  /**
   * Lets a native library create the file: it is given the path of a real file to write.
   * The file appears under `path` when `write` has resolved.
   */
  writeNative(path: string, write: (localPath: string) => Promise<void>): Promise<void>;
}
