import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import {
  type NamedInstanceMap,
  openInstanceMaps,
  writeInstanceMaps,
} from "@/formats/cellvit/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { openHdf5 } from "@/formats/hdf5/mod.ts";

const FOLDER = "tests/fixtures/cellvit";
const { pixels, sums } = JSON.parse(Deno.readTextFileSync(`${FOLDER}/instances.json`)) as {
  readonly pixels: Readonly<Record<string, readonly [number, number][]>>;
  readonly sums: Readonly<Record<string, number>>;
};

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const name of ["bare.h5", "with_slide.h5"]) {
  Deno.test(`openInstanceMaps() reads the names of ${name}`, async () => {
    using maps = await openInstanceMaps(`${FOLDER}/${name}`, "heart_s0");
    const foreign = name === "bare.h5" ? [] : ["skin_s1_361"];
    assertEquals(maps.list(), { patches: [0, 361], foreign });
    for (const patch of [0, 361]) {
      const map = maps.read(patch);
      assert(map !== undefined);
      assertEquals(map.shape, [256, 256]);
      assertEquals(map.instances.reduce((sum, id) => sum + id, 0), sums[patch]);
      for (const [pixel, id] of pixels[patch]) assertEquals(map.instances[pixel], id);
    }
    assertEquals(maps.read(1), undefined);
  });
}

Deno.test("predictions of another slide have no patch of this one", async () => {
  using maps = await openInstanceMaps(`${FOLDER}/with_slide.h5`, "colon_s1");
  assertEquals(maps.list().patches, []);
  assertEquals(maps.list().foreign.length, 3);
  assertEquals(maps.read(361), undefined);
});

Deno.test("a map with NaN is refused by its name", async () => {
  using maps = await openInstanceMaps(`${FOLDER}/nan.h5`, "heart_s0");
  const error = assertThrows(() => maps.read(7), SthelarError, "the id NaN");
  assertEquals([error.tag, error.path], ["CorruptData", `${FOLDER}/nan.h5`]);
});

function mapOf(name: string, share: number): NamedInstanceMap {
  const instances = Int32Array.from({ length: 65536 }, (_, i) => i % 100 < 100 * share ? i : 0);
  return { name, instances, shape: [256, 256] };
}

Deno.test("maps that are written are read again, contiguous however full they are", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/maps.h5`;
    const written = [mapOf("heart_s0_3", 0.5), mapOf("heart_s0_12", 0), mapOf("heart_s0_4", 1)];
    assertEquals(await writeInstanceMaps(localDisk, path, written), 3);
    using maps = await openInstanceMaps(path, "heart_s0");
    assertEquals(maps.list().patches, [3, 4, 12]);
    for (const { name, ...map } of written) {
      assertEquals(
        maps.read(Number(name.split("_")[2])),
        map as unknown as ReturnType<typeof maps.read>,
      );
    }
    using file = await openHdf5(path);
    const { dtype, chunks } = file.info("heart_s0_4_data");
    assertEquals([dtype, chunks, file.info("heart_s0_4_shape").dtype], [
      "float32",
      undefined,
      "int64",
    ]);
  });
});

Deno.test("writeInstanceMaps() refuses a name that is taken, or no patch's", async () => {
  for (const names of [["1", "1"], ["a/b"], ["1.png"], [""]]) {
    const maps = names.map((name) => mapOf(name, 0));
    const error = await assertRejects(
      () => writeInstanceMaps(new MemoryDisk(), "/maps.h5", maps),
      SthelarError,
    );
    assertEquals(error.tag, "InvalidArgument");
  }
});

Deno.test("a file that is cut anywhere is refused, or read without what is lost", async () => {
  await inFolder(async (folder) => {
    const bytes = Deno.readFileSync(`${FOLDER}/bare.h5`);
    for (let end = 0; end < bytes.length; end += 617) {
      const path = `${folder}/cut_${end}.h5`;
      Deno.writeFileSync(path, bytes.subarray(0, end));
      try {
        using maps = await openInstanceMaps(path, "heart_s0");
        maps.list();
        maps.read(361);
        assert(false, `cut at ${end}`);
      } catch (error) {
        assert(isSthelarError(error, "CorruptData"), String(error));
      }
    }
  });
});
