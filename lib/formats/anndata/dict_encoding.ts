import { defineEncoding, type Encoding, type NodeReader } from "./encoding.ts";
import { corruptNode } from "./element_store.ts";
import { isDict, type UnsDict, type UnsValue } from "./model.ts";

/** Elements by key, nested. */
export const dictEncoding: Encoding = defineEncoding<UnsDict>({
  type: "dict",
  version: "0.1.0",
  read: readDict,
  accepts: isDict,
  async write({ sink, path, attributes, child }, dict) {
    await sink.createGroup(path, attributes);
    for (const [key, value] of dict) await child(key, value);
  },
});

/** Reads all children of a group. */
export async function readDict({ source, path, info, child }: NodeReader): Promise<UnsDict> {
  if (info.kind !== "group") throw corruptNode(source, path, "an array", "a group");
  const result = new Map<string, UnsValue>();
  for (const key of await source.children(path)) result.set(key, await child(key) as UnsValue);
  return result;
}
