import { SthelarError } from "@/core/errors.ts";

/** What a key of a JSON object must hold. */
type Kind = "text" | "number" | "boolean" | "texts" | "textByKey" | "textsByKey" | "object";

/** What there must be in a record of a stage. */
const RECORD: Readonly<Record<string, Kind>> = {
  name: "text",
  version: "number",
  key: "text",
  params: "object",
  inputs: "textByKey",
  nodes: "texts",
  seconds: "number",
  peakMemoryBytes: "number",
  warnings: "texts",
  facts: "object",
  simulated: "boolean",
};

/** What there must be in a manifest, beside its format. */
const MANIFEST: Readonly<Record<string, Kind>> = {
  slide: "text",
  simulated: "boolean",
  sources: "textByKey",
  files: "object",
  stages: "object",
};

/** What there must be in what a manifest says of an opened store. */
const OPENED: Readonly<Record<string, Kind>> = {
  path: "text",
  kind: "text",
  inside: "text",
  sha256: "text",
  stamp: "text",
  zarrFormat: "number",
  simulated: "boolean",
  elements: "texts",
  damaged: "textByKey",
  reports: "texts",
};

/** What is there once the store was planned with. */
const STANDS_FOR: Readonly<Record<string, Kind>> = { standsFor: "textsByKey" };

/**
 * Refuses a manifest that was damaged or edited so that a value has another type.
 *
 * @throws {SthelarError} `CorruptData` naming the file and the key.
 */
export function checkManifest(value: unknown, path: string): void {
  checkKeys(value, MANIFEST, "", path);
  const { stages, opened } = value as {
    readonly stages: Readonly<Record<string, unknown>>;
    readonly opened?: { readonly standsFor?: unknown };
  };
  if (opened !== undefined) {
    checkKeys(opened, OPENED, "opened.", path);
    if (opened.standsFor !== undefined) checkKeys(opened, STANDS_FOR, "opened.", path);
  }
  for (const [id, record] of Object.entries(stages)) {
    checkKeys(record, RECORD, `stages["${id}"].`, path);
  }
}

/**
 * Refuses a record of a stage that was damaged.
 *
 * @throws {SthelarError} `CorruptData` naming the file and the key.
 */
export function checkStageRecord(value: unknown, path: string): void {
  checkKeys(value, RECORD, "", path);
}

function checkKeys(
  value: unknown,
  kinds: Readonly<Record<string, Kind>>,
  prefix: string,
  path: string,
): void {
  const wrong = isObject(value)
    ? Object.keys(kinds).find((key) => !isOfKind(value[key], kinds[key]))
    : "";
  if (wrong === undefined) return;
  throw new SthelarError("CorruptData", {
    action: `Cannot read "${path}"`,
    found: wrong === ""
      ? `no object ${prefix.slice(0, -1)}`.trim()
      : `${prefix}${wrong} of another type`,
    expected: wrong === "" ? "a JSON object" : kinds[wrong],
    remedy: "remove the file and run again: what can be kept is kept",
    path,
  });
}

function isOfKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "texts":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "textByKey":
      return isObject(value) && Object.values(value).every((item) => isOfKind(item, "text"));
    case "textsByKey":
      return isObject(value) && Object.values(value).every((item) => isOfKind(item, "texts"));
    case "object":
      return isObject(value);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
