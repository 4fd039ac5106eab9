/**
 * Zip archives (zip64): written as a stream, read by their directory, a folder packed whole.
 * @module
 */
export { mountZip } from "./mount_zip.ts";
export type { ZipEntry, ZipMethod } from "./records.ts";
export { zipDisk } from "./zip_disk.ts";
export { zipFolder, type ZipFolderOptions } from "./zip_folder.ts";
export { openZip, type ZipArchive } from "./zip_reader.ts";
export { type AppendFile, type ZipEntryOptions, ZipWriter } from "./zip_writer.ts";
