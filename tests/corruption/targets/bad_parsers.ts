import { SthelarError } from "@/core/errors.ts";
import { type NamedSample, NotWellFormed, type Target } from "../target.ts";

const PATH = "/bad";
const HARM = [
  "throws a TypeError",
  "names no path",
  "blames the caller",
  "returns nonsense",
  "hangs",
  "takes memory",
  "ends the process",
  "is fine",
];

/** Does each harm that a parser can do, one a hostile sample. */
export const badParser: Target = {
  name: "bad_parser",
  seeds: () => Promise.resolve([sample("is fine")]),
  hostile: () => Promise.resolve(HARM.map(sample)),
  isChecksummed: () => true,
  // deno-lint-ignore require-await -- targets read asynchronously
  async read(files, seed) {
    switch (seed) {
      case "throws a TypeError":
        return (undefined as unknown as { length: number }).length;
      case "names no path":
        throw new SthelarError("CorruptData", { action: "Cannot read" });
      case "blames the caller":
        throw new SthelarError("InvalidArgument", { action: "Cannot read", path: PATH });
      case "returns nonsense":
        throw new NotWellFormed("3 values for 4");
      case "hangs":
        for (;;);
      case "takes memory":
        return new Uint8Array(3e8).fill(1)[7];
      case "ends the process":
        return Deno.exit(139);
      default:
        return files.get(PATH);
    }
  },
};

function sample(name: string): NamedSample {
  return { name, files: new Map([[PATH, new TextEncoder().encode(name)]]) };
}
