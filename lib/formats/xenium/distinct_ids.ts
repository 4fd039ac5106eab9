import { SthelarError } from "@/core/errors.ts";

/**
 * Refuses ids that are missing or there twice.
 *
 * @param path The file, for the message.
 * @throws {SthelarError} `IdMismatch`.
 */
export function distinctIds(
  ids: readonly (string | undefined)[],
  path: string,
): readonly string[] {
  const seen = new Set<string>();
  const repeated: string[] = [];
  let missing = 0;
  for (const id of ids) {
    if (id === undefined || id === "") missing++;
    else if (seen.has(id)) repeated.push(id);
    else seen.add(id);
  }
  if (missing === 0 && repeated.length === 0) return ids as readonly string[];
  throw new SthelarError("IdMismatch", {
    action: `Cannot read the cells of "${path}"`,
    found: missing > 0
      ? `${missing} rows without an id`
      : `${repeated.length} ids that are there twice: ${repeated.slice(0, 10).join(", ")}`,
    expected: "one id a cell",
    path,
  });
}
