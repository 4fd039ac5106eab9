import type { Disk } from "@/core/disk.ts";
import { messageOf, SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";

/** A file that can be downloaded. */
export interface DownloadLink {
  /** Where it is: http or https. */
  readonly url: string;
  /** Name to give it. */
  readonly file: string;
  /** Its size, bytes. */
  readonly bytes?: number;
  /** Hash of its content, hexadecimal. */
  readonly sha256?: string;
  /** Another hash, as 10x gives it. */
  readonly md5?: string;
  /** Whether it is an archive to be unpacked into a folder of its name. */
  readonly unpack?: "zip";
}

const KEYS = ["url", "file", "bytes", "sha256", "md5", "unpack"];
const HEX_DIGITS = { sha256: 64, md5: 32 } as const;

/**
 * The link of a URL that a user gives: named as the URL ends, and unpacked if it is a zip archive that
 * is no zarr store.
 *
 * @throws {SthelarError} `InvalidArgument` for a text that is no http(s) URL, names no file or has a
 *   checksum of another form.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linkOfUrl } from "@/fetch/mod.ts";
 *
 * assertEquals(linkOfUrl("https://example.org/a/heart_outs.zip?x=1"), {
 *   url: "https://example.org/a/heart_outs.zip?x=1",
 *   file: "heart_outs.zip",
 *   unpack: "zip",
 * });
 * ```
 */
export function linkOfUrl(
  url: string,
  given: { readonly file?: string; readonly sha256?: string; readonly md5?: string } = {},
): DownloadLink {
  const file = given.file ?? fileOfUrl(url);
  const isArchive = /\.zip$/i.test(file) && !/\.zarr\.zip$/i.test(file);
  return checkLink({
    url,
    file,
    ...(given.sha256 === undefined ? {} : { sha256: given.sha256 }),
    ...(given.md5 === undefined ? {} : { md5: given.md5 }),
    ...(isArchive ? { unpack: "zip" as const } : {}),
  }, `"${url}"`);
}

/**
 * Reads a file of links: a JSON list of `{ url, file, bytes?, sha256?, md5?, unpack? }`.
 *
 * @throws {SthelarError} `NotFound`, or `InvalidArgument` naming the entry at fault.
 */
export async function readLinksFile(disk: Disk, path: string): Promise<DownloadLink[]> {
  const bytes = await disk.read(path);
  if (bytes === undefined) {
    throw new SthelarError("NotFound", { action: `Cannot read links from "${path}"`, path });
  }
  try {
    return parseLinks(JSON.parse(new TextDecoder().decode(bytes)), path);
  } catch (cause) {
    if (cause instanceof SthelarError) throw cause;
    throw badLink(`"${path}"`, messageOf(cause), "a JSON list of links");
  }
}

/** The links of a parsed JSON value, each checked. */
export function parseLinks(value: unknown, where: string): DownloadLink[] {
  if (!Array.isArray(value)) throw badLink(`"${where}"`, typeof value, "a JSON list of links");
  return value.map((entry: unknown, i) => {
    const place = `link ${i} of "${where}"`;
    if (typeof entry !== "object" || entry === null) throw badLink(place, `${entry}`, "an object");
    const unknown = Object.keys(entry).find((key) => !KEYS.includes(key));
    if (unknown !== undefined) {
      throw badLink(place, `a key "${unknown}"`, KEYS.join(", "), didYouMean(unknown, KEYS));
    }
    return checkLink(entry as DownloadLink, place);
  });
}

function checkLink(link: DownloadLink, where: string): DownloadLink {
  const { url, file, bytes, unpack } = link;
  if (typeof url !== "string" || !isWebUrl(url)) {
    throw badLink(where, `"${url}"`, "an address that starts with https:// or http://");
  }
  if (typeof file !== "string" || !/^[^/\\:\0]{1,200}$/.test(file) || /^\.{1,2}$/.test(file)) {
    throw badLink(where, `the file name "${file}"`, "the plain name of a file");
  }
  if (bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes >= 0)) {
    throw badLink(where, `bytes ${bytes}`, "a whole number");
  }
  if (unpack !== undefined && unpack !== "zip") throw badLink(where, `unpack ${unpack}`, '"zip"');
  if (unpack !== undefined && !/.\.zip$/i.test(file)) {
    throw badLink(where, `"${file}" to be unpacked`, "a name that ends in .zip");
  }
  for (const [name, digits] of Object.entries(HEX_DIGITS)) {
    const hex = link[name as "sha256" | "md5"];
    if (hex === undefined || (/^[0-9a-f]+$/i.test(hex) && hex.length === digits)) continue;
    throw badLink(where, `${name} "${hex}"`, `${digits} hexadecimal digits`);
  }
  return link;
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function fileOfUrl(url: string): string {
  if (!isWebUrl(url)) throw badLink(`"${url}"`, "no web address", "https://…");
  const { pathname } = new URL(url);
  const name = decoded(pathname.slice(pathname.lastIndexOf("/") + 1));
  if (name !== "") return name;
  throw badLink(`"${url}"`, "an address that names no file", "one that ends with a file's name");
}

/** A `%` that begins no code stands for itself. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    if (error instanceof URIError) return name;
    throw error;
  }
}

function badLink(where: string, found: string, expected: string, remedy?: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot download from ${where}`,
    found,
    expected,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
