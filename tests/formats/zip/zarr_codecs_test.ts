import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { openGroup } from "@/formats/zarr/mod.ts";
import { openZip, zipDisk } from "@/formats/zip/mod.ts";

const FIXTURES = new URL("../../fixtures/zarr_codecs", import.meta.url).pathname;

interface Golden {
  readonly bases: Readonly<Record<string, GoldenArray>>;
  readonly arrays: Readonly<Record<string, string>>;
}

interface GoldenArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly (number | string | boolean)[];
}

const golden: Golden = JSON.parse(await Deno.readTextFile(`${FIXTURES}/golden.json`));
const disk = zipDisk(await openZip(localDisk, `${FIXTURES}/codecs.zarr.zip`));

/** Numbers as JSON spells them: NaN and infinities as texts. */
function plain(value: number | bigint | string | boolean): number | string {
  const number = typeof value === "string" ? value : Number(value);
  return typeof number === "number" && !Number.isFinite(number)
    ? String(number).replace("Infinity", "inf").toLowerCase()
    : number;
}

const KINDS: Readonly<Record<string, RegExp>> = {
  "blosc with each codec and shuffle": /\/blosc_[a-z0-9]+_[a-z0-9]+$/,
  "zstd, gzip, zlib, lz4, a check sum and none":
    /\/(zstd|zstd_checksum|gzip|zlib|lz4|crc32c|none)$/,
  "Fortran order with each compressor": /_fortran$/,
  "orders of axes with both separators": /\/(order_|keys_of_v2)/,
  "fill values": /\/(fill_|never_written)/,
  "texts in each encoding": /\/texts_/,
};

for (const format of ["v2", "v3"]) {
  for (const [kind, pattern] of Object.entries(KINDS)) {
    const names = Object.keys(golden.arrays).filter((name) =>
      name.startsWith(format) && pattern.test(name)
    );
    if (names.length === 0) continue;
    Deno.test(`zarr ${format} in a deflated zip: ${kind}`, async () => {
      for (const name of names) {
        const { dtype, shape, values } = golden.bases[golden.arrays[name]];
        const array = await (await openGroup(disk, `/${format}`)).array(name.slice(3));
        assertEquals([array.dtype, array.shape], [dtype, shape] as never, name);
        const read = dtype === "string"
          ? await array.readStrings()
          : [...(await array.read()).data];
        assertEquals(read.map(plain), values.map(plain), name);
      }
    });
  }
}

Deno.test("every array of the codec fixtures is read by one of the tests", () => {
  const names = Object.keys(golden.arrays);
  assert(names.every((name) => Object.values(KINDS).some((pattern) => pattern.test(name))));
});

Deno.test("texts as Python objects (pickle) or bytes are UnsupportedVersion and named", async () => {
  for (
    const [name, codec] of [["refused_pickle", "pickle"], ["refused_vlen_bytes", "vlen-bytes"]]
  ) {
    const array = await (await openGroup(disk, "/v2")).array(name);
    const error = await assertRejects(() => array.readStrings(), SthelarError, codec);
    assertEquals(error.tag, "UnsupportedVersion");
  }
});
