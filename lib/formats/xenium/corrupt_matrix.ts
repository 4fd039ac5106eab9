import { SthelarError } from "@/core/errors.ts";

/** The error for a count matrix whose parts contradict each other. */
export function corruptMatrix(path: string, found: string, expected: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read the count matrix "${path}"`,
    found,
    expected,
    remedy: "the file is damaged: download it again",
    path,
  });
}
