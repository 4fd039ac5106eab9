import { SthelarError } from "@/core/errors.ts";
import type { AtlasGenes } from "./atlas.ts";
import { areEnsemblIds, bareId } from "./gene_names.ts";

/** How a gene of the panel was found in the atlas. */
export type MatchKind = "name" | "case" | "id";

/** Genes that an atlas and a panel share, in the panel's order. */
export interface SharedGenes {
  /** Columns of the atlas's matrix. */
  readonly atlasColumns: Int32Array;
  /** Positions in the panel. */
  readonly panelPositions: Int32Array;
  /** How each was found: by its name, by its name in other letters, by its Ensembl id. */
  readonly kinds: readonly MatchKind[];
  /** Names of the panel's genes that the atlas lacks. */
  readonly onlyInPanel: readonly string[];
  /** Genes of the atlas that the panel lacks. */
  readonly onlyInAtlas: number;
  /** Names that more than one gene has once letters are folded; the first of them was taken. */
  readonly duplicates: readonly string[];
}

/**
 * Finds the genes of a panel in an atlas: by name, else by name whatever its letters (as Tangram does),
 * else by Ensembl id where both have one. Of genes that differ in letters alone Tangram keeps the
 * first and renames the others, which then match nothing: so it is here, and they are listed.
 *
 * @throws {SthelarError} `InvalidArgument` if they share none, with the heads of both lists.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { matchGenes } from "@/formats/atlas/mod.ts";
 *
 * const atlas = { names: ["cd3e", "MS4A1", "KIT"], ids: undefined };
 * const shared = matchGenes(atlas, { names: ["CD3E", "KIT", "MPO"], ids: undefined });
 * assertEquals([...shared.atlasColumns], [0, 2]);
 * assertEquals(shared.kinds, ["case", "name"]);
 * assertEquals(shared.onlyInPanel, ["MPO"]);
 * ```
 */
export function matchGenes(atlas: AtlasGenes, panel: AtlasGenes): SharedGenes {
  const byName = firstColumns(atlas.names);
  const folded = atlas.names.map((name) => name.toLowerCase());
  const byCase = firstColumns(folded);
  const ids = atlas.ids ?? (areEnsemblIds(atlas.names) ? atlas.names : []);
  const byId = firstColumns(ids.map(bareId));
  const find = (position: number): [MatchKind, number] | undefined => {
    const name = panel.names[position];
    const id = panel.ids?.[position] ?? name;
    const tries: [MatchKind, number | undefined][] = [
      ["name", byName.get(name)],
      ["case", byCase.get(name.toLowerCase())],
      ["id", byId.get(bareId(id))],
    ];
    return tries.find((entry): entry is [MatchKind, number] => entry[1] !== undefined);
  };
  const atlasColumns: number[] = [], panelPositions: number[] = [], kinds: MatchKind[] = [];
  const onlyInPanel: string[] = [];
  const taken = new Set<number>();
  panel.names.forEach((name, position) => {
    const match = find(position);
    if (match === undefined || taken.has(match[1])) {
      onlyInPanel.push(name);
      return;
    }
    taken.add(match[1]);
    kinds.push(match[0]);
    atlasColumns.push(match[1]);
    panelPositions.push(position);
  });
  if (kinds.length === 0) throw noSharedGenes(atlas, panel);
  return {
    atlasColumns: Int32Array.from(atlasColumns),
    panelPositions: Int32Array.from(panelPositions),
    kinds,
    onlyInPanel,
    onlyInAtlas: atlas.names.length - taken.size,
    duplicates: duplicatesOf(folded, panelPositions.map((p) => panel.names[p].toLowerCase())),
  };
}

function firstColumns(names: readonly string[]): Map<string, number> {
  const columns = new Map<string, number>();
  names.forEach((name, column) => {
    if (!columns.has(name)) columns.set(name, column);
  });
  return columns;
}

/** Which of the shared names the atlas has more than once. */
function duplicatesOf(folded: readonly string[], shared: readonly string[]): string[] {
  const wanted = new Set(shared);
  const counts = new Map<string, number>();
  for (const name of folded) if (wanted.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 1).map(([name]) => name);
}

function noSharedGenes(atlas: AtlasGenes, panel: AtlasGenes): SthelarError {
  const head = ({ names }: AtlasGenes) =>
    `${names.slice(0, 5).map((name) => `"${name}"`).join(", ")}, … (${names.length})`;
  const hasIds = atlas.ids !== undefined || areEnsemblIds(atlas.names);
  return new SthelarError("InvalidArgument", {
    action: "Cannot match the atlas to the panel",
    found: `no gene in both: the atlas has ${head(atlas)}, the panel ${head(panel)}`,
    expected: "genes of the same species and naming",
    ...(hasIds && panel.ids === undefined
      ? {
        remedy:
          "the atlas has Ensembl ids: the bundle's count matrix would tell those of the panel",
      }
      : {}),
  });
}
