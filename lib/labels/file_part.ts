import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { parseJson } from "@/core/parse_json.ts";

/**
 * The outermost value of a decisions file.
 *
 * @param path The file, for messages.
 * @param expected The only `format` that is read.
 * @throws {SthelarError} `CorruptData` if it is no JSON, `UnsupportedVersion` for another `format`.
 */
export function openDecisions(text: string, path: string, expected: number): FilePart {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read decisions from "${path}"`,
      found: (cause as Error).message,
      expected: "JSON",
      ...{ path, cause },
    });
  }
  const file = new FilePart(json, "", path);
  const format = file.at("format").value;
  if (format === expected) return file;
  throw new SthelarError("UnsupportedVersion", {
    action: `Cannot read decisions from "${path}"`,
    found: `format ${JSON.stringify(format)}`,
    expected: `format ${expected}`,
    path,
  });
}

/** A value somewhere in a decisions file, that knows where it is. */
export class FilePart {
  constructor(readonly value: unknown, readonly where: string, readonly path: string) {}

  wrong(expected: string, remedy?: string): SthelarError {
    const found = this.value === undefined ? "nothing" : JSON.stringify(this.value).slice(0, 80);
    return new SthelarError("InvalidArgument", {
      action: `Cannot read ${this.where || "decisions"} from "${this.path}"`,
      ...{ found, expected, path: this.path },
      ...(remedy === undefined ? {} : { remedy }),
    });
  }

  object(): Readonly<Record<string, unknown>> {
    const { value } = this;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isObject) throw this.wrong("an object");
    return value as Readonly<Record<string, unknown>>;
  }

  keys(known: readonly string[]): this {
    for (const key of Object.keys(this.object())) {
      if (known.includes(key)) continue;
      throw new SthelarError("InvalidArgument", {
        action: `Cannot read ${this.where || "decisions"} from "${this.path}"`,
        found: `key "${key}"`,
        expected: known.join(", "),
        remedy: didYouMean(key, known),
        path: this.path,
      });
    }
    return this;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.object(), key);
  }

  at(key: string): FilePart {
    const value = this.has(key) ? this.object()[key] : undefined;
    return new FilePart(value, this.where === "" ? key : `${this.where}.${key}`, this.path);
  }

  entries<T>(read: (part: FilePart) => T): [string, T][] {
    return Object.keys(this.object()).map((key) => [key, read(this.at(key))]);
  }

  text(): string {
    if (typeof this.value !== "string") throw this.wrong("a text");
    return this.value;
  }

  number(): number {
    const { value } = this;
    if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
    throw this.wrong("a number of at least 0");
  }

  texts(): string[] {
    const { value } = this;
    if (!Array.isArray(value)) throw this.wrong("a list of texts");
    return value.map((item, i) => new FilePart(item, `${this.where}[${i}]`, this.path).text());
  }

  oneOf<T extends string>(known: readonly T[]): T {
    const found = known.find((value) => value === this.value);
    if (found !== undefined) return found;
    throw this.wrong("a known label", didYouMean(String(this.value), known));
  }
}
