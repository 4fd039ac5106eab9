import { assertEquals, assertThrows } from "@std/assert";
import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { SthelarError } from "@/core/errors.ts";
import { CountFile, requireColumns } from "@/study/count_file.ts";
import { modelCounts, sharedGenes } from "@/study/model_counts.ts";
import type { CountedSlide, GatheredCounts } from "@/study/gather_counts.ts";

function csr(rows: readonly (readonly number[])[]): SparseMatrix {
  const indptr = [0], indices: number[] = [], data: number[] = [];
  for (const row of rows) {
    row.forEach((value, column) => {
      if (value === 0) return;
      indices.push(column);
      data.push(value);
    });
    indptr.push(data.length);
  }
  return {
    format: "csr",
    shape: [rows.length, rows[0]?.length ?? 0],
    data: Float32Array.from(data),
    indices: Int32Array.from(indices),
    indptr: Int32Array.from(indptr),
  };
}

async function withFile(run: (file: CountFile) => void): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    using file = CountFile.create(path, 1);
    run(file);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("CountFile gives back rows of any block, in any order", async () => {
  await withFile((file) => {
    const random = new Random(3);
    const rows = Array.from(
      { length: 3000 },
      (_, row) =>
        Array.from(
          { length: 700 },
          () => row % 7 !== 0 && random.uniform() < 0.6 ? random.integer(70) : 0,
        ),
    );
    rows[1][699] = 65_535;
    const identity = Int32Array.from({ length: 700 }, (_, column) => column);
    for (let at = 0; at < rows.length; at += 1100) {
      file.append(csr(rows.slice(at, at + 1100)), identity);
    }
    file.finish();
    for (const row of [2999, 0, 1, 1099, 1100, 7, 2500]) {
      const dense = new Float32Array(700);
      file.addRow(row, dense, 0, identity);
      assertEquals([...dense], rows[row], `row ${row}`);
    }
    assertEquals([file.rows, file.lengthOf(0)], [3000, 0]);
  });
});

Deno.test("CountFile refuses what is no whole count", async () => {
  for (const value of [0.5, -1, 65_536, NaN]) {
    await withFile((file) => {
      assertThrows(() => file.append(csr([[value]]), Int32Array.of(0)), SthelarError, "raw counts");
    });
  }
  assertThrows(() => requireColumns(65_537), SthelarError, "65537 genes");
});

function gathered(file: CountFile, sizes: readonly number[], sums: readonly number[][]) {
  const genes = sums[0].map((_, gene) => `G${gene}`);
  const slides = sizes.map((size, i) => ({
    slide: {} as CountedSlide,
    rows: new Int32Array(size),
    geneSums: Float64Array.from(sums[i]),
  }));
  return { file, genes, slides, transcripts: new Float64Array(0) } satisfies GatheredCounts;
}

Deno.test("sharedGenes() drops genes that are zero in 10 of 27 slides, and keeps those in 9", () => {
  const slides = Array.from({ length: 27 }, (_, slide) => ({
    geneSums: Float64Array.of(1, slide < 9 ? 0 : 1, slide < 10 ? 0 : 1, 0),
  })) as unknown as GatheredCounts["slides"];
  assertEquals([...sharedGenes({ genes: ["a", "b", "c", "d"], slides }, 10 / 27)], [0, 1]);
  assertEquals([...sharedGenes({ genes: ["a", "b", "c", "d"], slides }, 1)], [0, 1, 2]);
});

Deno.test("modelCounts() leaves out cells without any kept gene, and knows the slide of each row", async () => {
  await withFile((file) => {
    const rows = Array.from({ length: 12 }, (_, row) => row === 2 ? [0, 9, 0] : [row + 1, 0, 1]);
    file.append(csr(rows), Int32Array.of(0, 1, 2));
    file.finish();
    const counts = modelCounts(gathered(file, [5, 7], [[3, 0, 1], [3, 1, 1]]), 0.5);
    assertEquals(counts.geneNames, ["G0", "G2"]);
    assertEquals([counts.rows, counts.genes, counts.withoutCounts], [11, 2, 1]);
    assertEquals([...counts.samples], [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]);
    const into = new Float32Array(4).fill(7);
    counts.fill(Int32Array.of(10, 2), into);
    assertEquals([...into], [12, 1, 4, 1]);
  });
});

Deno.test("modelCounts() refuses slides that share no genes, naming what can be done", async () => {
  await withFile((file) => {
    file.append(csr([[1, 0], [0, 1]]), Int32Array.of(0, 1));
    file.finish();
    const slides = gathered(file, [1, 1], [[1, 0], [0, 1]]);
    assertThrows(() => modelCounts(slides, 0.5), SthelarError, "take slides of one panel");
  });
});
