import type { DenseArray } from "@/core/arrays.ts";
import type { ScviSize } from "@/numerics/scvi/tensor_layout.ts";
import type { CountSource } from "@/numerics/scvi/mod.ts";
import goldens from "../../fixtures/scvi/goldens.json" with { type: "json" };

interface Packed {
  readonly shape: readonly number[];
  readonly data: string;
}

/** A model of scvi-tools before and after three steps of AdamW. */
export interface Golden {
  readonly name: string;
  readonly size: ScviSize;
  readonly counts: DenseArray<Float32Array<ArrayBuffer>>;
  readonly codes: Int32Array<ArrayBuffer>;
  readonly noise: DenseArray<Float32Array<ArrayBuffer>>;
  readonly before: ReadonlyMap<string, DenseArray<Float32Array<ArrayBuffer>>>;
  readonly after: ReadonlyMap<string, DenseArray<Float32Array<ArrayBuffer>>>;
  readonly expected: Readonly<Record<string, DenseArray<Float32Array<ArrayBuffer>>>>;
  readonly losses: readonly Readonly<Record<"loss" | "reconstruction" | "klLocal", number>>[];
}

/** How the goldens were trained. */
export const { steps: STEPS, learningRate, weightDecay, klWeight } = goldens;

function unpack({ shape, data }: Packed): DenseArray<Float32Array<ArrayBuffer>> {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return { shape, data: new Float32Array(bytes.buffer) };
}

function unpackAll(packed: Readonly<Record<string, Packed>>) {
  return new Map(Object.entries(packed).map(([name, tensor]) => [name, unpack(tensor)]));
}

/** What scvi-tools made. */
export const GOLDENS: readonly Golden[] = goldens.cases.map((item) => {
  const counts = unpack(item.counts);
  const { hidden, latent } = goldens;
  return {
    ...{ name: item.name, counts, noise: unpack(item.noise), losses: item.losses },
    size: { genes: counts.shape[1], samples: item.samples, hidden, latent },
    codes: Int32Array.from(item.codes),
    before: unpackAll(item.before),
    after: unpackAll(item.after as Record<string, Packed>),
    expected: Object.fromEntries(unpackAll(item.expected)),
  };
});

/** Rows of dense counts. */
export function denseCounts({ data, shape: [rows, genes] }: DenseArray<Float32Array>): CountSource {
  return {
    rows,
    genes,
    fill: (wanted, into) => {
      wanted.forEach((row, i) =>
        into.set(data.subarray(row * genes, (row + 1) * genes), i * genes)
      );
    },
  };
}

/** Values of tensors. */
export function valuesOf(tensors: Golden["before"]): Map<string, Float32Array> {
  return new Map([...tensors].map(([name, { data }]) => [name, data]));
}

/** Largest difference of two arrays, relative to `max(1, |b|)`. */
export function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(b[i]));
    most = difference > most || Number.isNaN(difference) ? difference : most;
  }
  return most;
}
