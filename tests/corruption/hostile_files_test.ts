import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ErrorTag, SthelarError } from "@/core/errors.ts";
import { omeTiff } from "./targets/ome_tiff.ts";
import { zarrV3 } from "./targets/zarr.ts";
import { zip } from "./targets/zip.ts";
import type { Target } from "./target.ts";

/** The error that a hostile sample of a target ends in. */
async function errorOf(target: Target, name: string): Promise<SthelarError> {
  const sample = (await target.hostile?.())?.find((candidate) => candidate.name === name);
  if (sample === undefined) throw new Error(`${target.name} has no sample "${name}"`);
  return await assertRejects(() => target.read(sample.files, name), SthelarError);
}

function refuses(target: Target, name: string, tag: ErrorTag, found: string): void {
  Deno.test(`${target.name}: ${name} is ${tag}`, async () => {
    const error = await errorOf(target, name);
    assertEquals(error.tag, tag);
    assertStringIncludes(error.message, found);
  });
}

refuses(zip, "a path that leaves the folder", "CorruptData", '"../evil"');
refuses(zip, "an absolute path", "CorruptData", "an absolute path");
refuses(zip, "an entry of 2^60 bytes", "CorruptData", "1152921504606847000 bytes");
refuses(zip, "a folder 30,000 deep", "CorruptData", "a path of 30001 folders");
refuses(zarrV3, "a shape of 10^12", "OverBudget", "1000000000000 values");
refuses(zarrV3, "a chunk of 2^31", "CorruptData", "chunks of 2147483648");
refuses(
  zarrV3,
  "a chunk of 2^28 that is too short",
  "CorruptData",
  "10 values instead of 268435456",
);
refuses(omeTiff, "a directory that is its own next", "CorruptData", "back at byte 8");
refuses(omeTiff, "two directories that follow each other", "CorruptData", "back at byte 8");
refuses(omeTiff, "20,000 directories", "UnsupportedVersion", "more than 16384 directories");
refuses(omeTiff, "2^31 x 2^31 pixels", "CorruptData", "of tag 324");
