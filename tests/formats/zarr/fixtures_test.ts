import { assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { openArray, openGroup, readRecords } from "@/formats/zarr/mod.ts";

const root = new URL("../../fixtures/zarr", import.meta.url).pathname;

interface Golden {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly (number | string | boolean)[];
}

const golden: Record<string, Golden> = JSON.parse(await Deno.readTextFile(`${root}/golden.json`));

function comparable(value: number | bigint | string): string {
  return typeof value === "number" && Number.isNaN(value) ? "nan" : String(value);
}

for (const [name, expected] of Object.entries(golden)) {
  Deno.test(`openArray() reads ${name} as zarr-python wrote it`, async () => {
    const array = await openArray(localDisk, `${root}/${name}`);
    assertEquals(array.dtype, expected.dtype as typeof array.dtype);
    assertEquals(array.shape, expected.shape);
    const values = array.dtype === "string"
      ? await array.readStrings()
      : [...(await array.read()).data];
    const wanted = expected.values.map((v) => typeof v === "boolean" ? Number(v) : v);
    assertEquals(values.map(comparable), wanted.map(comparable));
  });
}

for (const store of ["v2.zarr", "v3.zarr"]) {
  Deno.test(`readRecords() reads the fields of ${store}/records`, async () => {
    const records = await readRecords(localDisk, `${root}/${store}/records`);
    assertEquals([...records.keys()], ["n", "score", "gene"]);
    assertEquals(records.get("n"), Int32Array.of(1, 2));
    assertEquals(records.get("score"), Float64Array.of(2.5, NaN));
    assertEquals(records.get("gene"), ["CD8A", "µ"]);
  });

  Deno.test(`readRegion() of each chunked array of ${store} equals the same part of the whole`, async () => {
    const group = await openGroup(localDisk, `${root}/${store}`);
    let tested = 0;
    for (const name of Object.keys(golden)) {
      const { dtype, shape } = golden[name];
      if (!name.startsWith(store) || shape.length !== 2 || dtype === "string") continue;
      const array = await group.array(name.slice(store.length + 1));
      const whole = await array.read();
      const part = await array.readRegion([[2, 6], [1, 4]]);
      assertEquals(part.shape, [4, 3]);
      for (let y = 0; y < 4; y++) {
        for (let x = 0; x < 3; x++) {
          assertEquals(part.data[y * 3 + x], whole.data[(y + 2) * 5 + x + 1], `${name} ${y} ${x}`);
        }
      }
      tested++;
    }
    assertEquals(tested > 5, true);
  });
}

Deno.test("openGroup() reads attributes and lists the nodes of both versions", async () => {
  const v2 = await openGroup(localDisk, `${root}/v2.zarr`);
  assertEquals(v2.zarrFormat, 2);
  assertEquals(v2.attributes, { unit: "µm", nested: { a: [1, null] } });
  const v3 = await openGroup(localDisk, `${root}/v3.zarr`);
  assertEquals(v3.zarrFormat, 3);
  const children = await v3.children();
  assertEquals(children.find(({ name }) => name === "below"), { name: "below", kind: "group" });
  assertEquals(children.find(({ name }) => name === "raw"), { name: "raw", kind: "array" });
  assertEquals(await v3.has("below/deep"), true);
  assertEquals(await v3.has("below/depp"), false);
  assertEquals((await v3.array("raw")).dimensionNames, ["y", "x"]);
});
