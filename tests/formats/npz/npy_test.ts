import { assert, assertEquals, assertThrows } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { type NpyArray, npyBytes, npzBytes, parseNpy, parseNpz } from "@/formats/npz/mod.ts";
import { fixture, LISTED } from "./fixtures.ts";

function listed(array: NpyArray): { shape: readonly number[]; values: unknown[] } {
  const { shape } = array;
  if ("texts" in array) return { shape, values: [...array.texts] };
  return { shape, values: Array.from(array.data as Float64Array, Number) };
}

for (const [name, expected] of Object.entries(LISTED.arrays)) {
  Deno.test(`parseNpy() reads what NumPy wrote: ${name}`, () => {
    const array = parseNpy(fixture(`${name}.npy`), name);
    const isFloat = "data" in array && /^f\d/.test(name);
    const values = expected.values.map((value) =>
      isFloat ? Number(String(value).replace("inf", "Infinity")) : Number(value)
    );
    const stored = name === "f4" ? values.map(Math.fround) : values;
    assertEquals(listed(array), {
      shape: expected.shape,
      values: "texts" in array ? expected.values : stored,
    });
  });

  if (!["b1", "fortran_column"].includes(name)) {
    Deno.test(`npyBytes() writes the bytes that NumPy writes: ${name}`, () => {
      const bytes = fixture(`${name}.npy`);
      assertEquals(npyBytes(parseNpy(bytes, name)), bytes);
    });
  }
}

for (const name of ["fortran", "big_endian", "objects", "records", "half"]) {
  Deno.test(`parseNpy() refuses what it would read wrong: ${name}`, () => {
    const error = assertThrows(() => parseNpy(fixture(`${name}.npy`), `${name}.npy`), SthelarError);
    assertEquals([error.tag, error.path], ["UnsupportedVersion", `${name}.npy`]);
  });
}

Deno.test("parseNpy() refuses a file that is cut anywhere, or too long", () => {
  const bytes = fixture("i4.npy");
  for (let end = 0; end < bytes.length; end++) {
    const error = assertThrows(() => parseNpy(bytes.subarray(0, end), "cut.npy"), SthelarError);
    assertEquals(error.tag, "CorruptData");
  }
  const longer = new Uint8Array([...bytes, 0]);
  assertThrows(() => parseNpy(longer, "long.npy"), SthelarError, "9 bytes of values");
});

for (const name of ["plain.npz", "compressed.npz"]) {
  Deno.test(`parseNpz() reads ${name} of NumPy, and what is written of it again`, async () => {
    const arrays = await parseNpz(fixture(name), name);
    assertEquals([...arrays.keys()], ["i4", "unicode"]);
    for (const [key, array] of arrays) {
      assertEquals(listed(array).values, LISTED.arrays[key].values);
    }
    const again = await npzBytes(Object.fromEntries(arrays), name !== "plain.npz");
    assertEquals(await parseNpz(again, name), arrays);
  });
}

Deno.test("parseNpz() never takes a damaged file for a good one", async () => {
  const bytes = fixture("compressed.npz");
  const good = JSON.stringify([...(await parseNpz(bytes, "x")).values()].map(listed));
  for (let at = 0; at < bytes.length; at += 3) {
    const damaged = bytes.slice();
    damaged[at] ^= 0x55;
    try {
      const arrays = await parseNpz(damaged, "x.npz");
      const values = [...arrays.values()].map(listed);
      if (arrays.has("i4") && arrays.has("unicode")) assertEquals(JSON.stringify(values), good);
    } catch (error) {
      assert(isSthelarError(error), `byte ${at}: ${error}`);
    }
  }
});
