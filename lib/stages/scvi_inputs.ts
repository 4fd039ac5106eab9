import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Input } from "@/core/stage.ts";
import { isCategorical, readElement } from "@/formats/anndata/mod.ts";

const OBS = "tables/table_cells/obs";

/** The RNA clusterings of the cells, by the names of their columns. */
export const cellClusteringsInput = {
  kind: "nodes",
  names: [`${OBS}/pca_*`],
  doc: "clusters of the cells",
  optional: true,
  async open({ resolve, disk }) {
    const pattern = resolve(`${OBS}/pca_*`);
    const folder = pattern.slice(0, pattern.lastIndexOf("/"));
    const names = (await disk.list(folder)).filter((name) =>
      /^pca_.*_leiden_res[\d.]+$/.test(name)
    );
    const clusterings = new Map<string, Categorical>();
    for (const name of names) {
      clusterings.set(name, await readCategories(disk, `${folder}/${name}`));
    }
    return clusterings;
  },
} as const satisfies Input<ReadonlyMap<string, Categorical>>;

async function readCategories(
  disk: Parameters<typeof readElement>[0],
  path: string,
): Promise<Categorical> {
  const column = await readElement(disk, path);
  if (isCategorical(column)) return column;
  throw new SthelarError("CorruptData", {
    action: `Cannot read the column "${path}"`,
    found: "another kind of element",
    expected: "categories",
    path,
  });
}
