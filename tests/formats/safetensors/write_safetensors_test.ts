import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import {
  modelInput,
  modelOutput,
  parseSafetensors,
  writeSafetensors,
} from "@/formats/safetensors/mod.ts";

const TENSORS: ReadonlyMap<string, DenseArray> = new Map<string, DenseArray>([
  ["bytes", { data: Uint8Array.of(1, 2, 255), shape: [3] }],
  ["weights", { data: Float32Array.of(0.1, -0, NaN, Infinity, 1e-45, 3), shape: [2, 3] }],
  ["count", { data: BigInt64Array.of(-(2n ** 62n)), shape: [] }],
  ["doubles", { data: Float64Array.of(Math.PI), shape: [1, 1] }],
  ["none", { data: new Float32Array(0), shape: [0, 7] }],
  ["whole", { data: Int32Array.of(-5), shape: [1] }],
  ["__proto__", { data: Uint16Array.of(9), shape: [1] }],
]);

Deno.test("what is written is read again, values and texts", () => {
  const metadata = { genes: '["CD3E","ß"]', "": "" };
  const read = parseSafetensors(writeSafetensors(TENSORS, metadata), "m");
  assertEquals(read.metadata, metadata);
  assertEquals(read.tensors.size, TENSORS.size);
  for (const [name, array] of TENSORS) assertEquals(read.tensors.get(name), array, name);
});

Deno.test("writeSafetensors() gives the bytes that the Python package gives", () => {
  const bytes = Deno.readFileSync("tests/fixtures/safetensors/numbers.safetensors");
  const { tensors, metadata } = parseSafetensors(bytes, "numbers.safetensors");
  assertEquals(writeSafetensors(new Map([...tensors].reverse()), metadata), bytes);
});

Deno.test("every tensor lies where its type can be read in place", () => {
  const bytes = writeSafetensors(TENSORS, { a: "b" });
  for (const [name, { data }] of parseSafetensors(bytes, "m").tensors) {
    assert(data.length === 0 || data.buffer === bytes.buffer, name);
  }
});

Deno.test("a view of a larger array is written alone", () => {
  const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
  const read = parseSafetensors(writeSafetensors(new Map([["a", { data, shape: [2] }]])), "m");
  assertEquals(read.tensors.get("a")!.data, Float32Array.of(2, 3));
});

Deno.test("an array of another shape, or of the metadata's name, is refused", () => {
  const data = Float32Array.of(1, 2);
  for (const [name, shape] of [["a", [3]], ["__metadata__", [2]]] as const) {
    const error = assertThrows(
      () => writeSafetensors(new Map([[name, { data, shape }]])),
      SthelarError,
    );
    assertEquals(error.tag, "InvalidArgument");
    assert(error.message.includes(name), error.message);
  }
});

Deno.test("a model of a stage lies beside its elements, and a lost one is missed by its path", async () => {
  const disk = new MemoryDisk();
  const output = modelOutput("scvi");
  assertEquals(output.node, "models/scvi");
  await output.write({ tensors: TENSORS, metadata: {} }, { disk, root: "/nodes" });
  const location = { disk, resolve: (node: string) => `/nodes/${node}` };
  assertEquals((await modelInput("scvi").open(location)).tensors.size, TENSORS.size);
  await disk.remove("/nodes/models/scvi.safetensors");
  const error = await assertRejects(() => modelInput("scvi").open(location), SthelarError);
  assertEquals([error.tag, error.path], ["NotFound", "/nodes/models/scvi.safetensors"]);
});
