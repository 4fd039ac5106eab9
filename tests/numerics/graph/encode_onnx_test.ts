import { assertEquals } from "@std/assert";
import { encodeOnnx, IR_VERSION, OPSET } from "@/numerics/graph/encode_onnx.ts";
import { ProtobufWriter } from "@/numerics/graph/protobuf_writer.ts";
import * as t from "@/numerics/graph/mod.ts";

Deno.test("ProtobufWriter writes the examples of protobuf's encoding guide", () => {
  const bytes = (write: (writer: ProtobufWriter) => void) => {
    const writer = new ProtobufWriter();
    write(writer);
    assertEquals(writer.length, writer.finish().length);
    return [...writer.finish()];
  };
  assertEquals(bytes((w) => w.int(1, 150)), [0x08, 0x96, 0x01]);
  assertEquals(bytes((w) => w.int(1, 0)), [0x08, 0]);
  const minusTwo = [0x08, 0xfe, ...Array(8).fill(0xff), 0x01];
  assertEquals(bytes((w) => w.int(1, -2)), minusTwo);
  assertEquals(bytes((w) => w.int(1, 2 ** 40)), [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
  assertEquals(bytes((w) => w.text(2, "testing")), [
    0x12,
    7,
    ...new TextEncoder().encode("testing"),
  ]);
  assertEquals(bytes((w) => w.message(3, (m) => m.int(1, 150))), [0x1a, 3, 0x08, 0x96, 0x01]);
  assertEquals(bytes((w) => w.float(1, 1)), [0x0d, 0, 0, 0x80, 0x3f]);
  assertEquals(bytes((w) => w.int(20, 2)), [0xa0, 0x01, 2]);
});

Deno.test("encodeOnnx() states its versions first", () => {
  const graph = { inputs: [], outputs: [], constants: [], nodes: [] };
  const [field, version] = encodeOnnx(graph);
  assertEquals([field, version], [0x08, IR_VERSION]);
  assertEquals([IR_VERSION, OPSET], [8, 18]);
});

Deno.test("build() leaves out what nothing needs, and shares equal constants", () => {
  const build = (extra: boolean) => {
    const program = new t.Program();
    const x = program.input("x", [3]);
    program.output("y", t.mul(t.add(x, 2), 2));
    if (extra) t.exp(t.mul(program.input("unused", [9]), 17));
    return program.build();
  };
  assertEquals(build(true), build(false));
});
