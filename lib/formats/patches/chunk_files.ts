import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";

/**
 * The files `<name>_chunk_<i>.<ext>` or `<name>_chunk_<i>_chunk_<j>.<ext>` of a folder, in the order of
 * their numbers (10 after 9).
 *
 * @returns Paths; none if there are no such files.
 * @throws {SthelarError} `CorruptData` if a number is missing, or both styles are there.
 */
export async function chunkFiles(
  disk: Disk,
  folder: string,
  name: string,
  extension: string,
): Promise<string[]> {
  const pattern = new RegExp(`^${name}_chunk_(\\d{1,9})(?:_chunk_(\\d{1,9}))?\\.${extension}$`);
  const chunks = (await disk.list(folder)).flatMap((file) => {
    const match = pattern.exec(file);
    if (match === null) return [];
    return [{ file, first: Number(match[1]), second: match[2] ? Number(match[2]) : undefined }];
  });
  chunks.sort((a, b) => a.first - b.first || (a.second ?? 0) - (b.second ?? 0));
  const fail = (found: string, expected: string) =>
    new SthelarError("CorruptData", {
      action: `Cannot group the chunks of "${name}" in "${folder}"`,
      ...{ found, expected, path: folder },
    });
  if (new Set(chunks.map(({ second }) => second === undefined)).size > 1) {
    throw fail("files of one number and of two", "one style, of one run");
  }
  let before: typeof chunks[number] | undefined;
  for (const chunk of chunks) {
    const isNext = before === undefined
      ? chunk.first === 0 && (chunk.second ?? 0) === 0
      : chunk.second === undefined || chunk.first > before.first
      ? chunk.first === before.first + 1 && (chunk.second ?? 0) === 0
      : chunk.second === before.second! + 1;
    if (!isNext) {
      throw fail(
        `"${chunk.file}" after ${before === undefined ? "nothing" : `"${before.file}"`}`,
        "numbers from 0 without gaps",
      );
    }
    before = chunk;
  }
  return chunks.map(({ file }) => `${folder}/${file}`);
}
