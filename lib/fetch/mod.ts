/**
 * Downloads: files from links, resumed and checked, and archives unpacked.
 * @module
 */
export { type DownloadLink, linkOfUrl, parseLinks, readLinksFile } from "./download_link.ts";
export { downloadFile, type DownloadOptions, type DownloadResult } from "./download_file.ts";
export { type UnpackOptions, unpackZip } from "./unpack_zip.ts";
