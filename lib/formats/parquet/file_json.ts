import { messageOf, SthelarError } from "@/core/errors.ts";
import { parseJson } from "@/core/parse_json.ts";

/**
 * Parses the JSON object under a key of a parquet file's metadata.
 *
 * @throws {SthelarError} `CorruptData` if it is none.
 */
export function parseFileJson(
  path: string,
  key: string,
  json: string,
): Readonly<Record<string, unknown>> {
  let cause: unknown;
  try {
    const value = parseJson(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (error) {
    cause = error;
  }
  throw new SthelarError("CorruptData", {
    action: `Cannot read "${path}"`,
    found: `"${key}" metadata that is no JSON object${cause ? ` (${messageOf(cause)})` : ""}`,
    expected: "a JSON object",
    path,
    ...(cause === undefined ? {} : { cause }),
  });
}
