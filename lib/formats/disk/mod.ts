/**
 * Where files are kept: the machine's disk or memory.
 * @module
 */
export { diskFailure, localDisk } from "./local_disk.ts";
export { MemoryDisk } from "./memory_disk.ts";
