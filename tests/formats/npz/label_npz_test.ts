import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { labelNpzBytes, npzBytes, parseLabelNpz, parseNpz } from "@/formats/npz/mod.ts";

const SHAPE = [2, 2] as const;
const MAPS = {
  instances: Int32Array.of(0, 1, 1, 2),
  types: Int32Array.of(0, 6, 6, 9),
  shape: SHAPE,
};

Deno.test("labels have CellViT's eight arrays, not compressed", async () => {
  const bytes = await labelNpzBytes(MAPS);
  const names = ["inst_map", "type_map"].flatMap((map) =>
    ["data", "indices", "indptr", "shape"].map((part) => `${map}_${part}`)
  );
  assertEquals([...(await parseNpz(bytes, "1.npz")).keys()], names);
  assertEquals(await parseLabelNpz(bytes, "1.npz"), MAPS);
});

Deno.test("parseLabelNpz() takes an empty map of float64, compressed", async () => {
  const arrays = Object.fromEntries(
    await parseNpz(
      await labelNpzBytes({ ...MAPS, instances: new Int32Array(4), types: new Int32Array(4) }),
      "",
    ),
  );
  const bytes = await npzBytes({
    ...arrays,
    inst_map_data: { data: new Float64Array(), shape: [0] },
  }, true);
  assertEquals((await parseLabelNpz(bytes, "1.npz")).instances, new Int32Array(4));
});

Deno.test("parseLabelNpz() refuses types of other pixels", async () => {
  const bytes = await labelNpzBytes({ ...MAPS, types: Int32Array.of(1, 6, 6, 9) });
  await assertRejects(() => parseLabelNpz(bytes, "1.npz"), SthelarError, "pixel 0 in one map only");
});
