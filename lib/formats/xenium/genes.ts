import { messageOf, SthelarError } from "@/core/errors.ts";
import { parseJson } from "@/core/parse_json.ts";
import type { DuckDb } from "../parquet/mod.ts";
import { readMatrixFeatures } from "./cell_feature_matrix.ts";
import { isTable, openTable, textSql } from "./table_schema.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/** What tells genes from controls. */
export type GeneEvidence = "is_gene" | "codeword_category" | "gene_panel" | "matrix" | "names";

/** Which features of a bundle are genes. */
export interface Genes {
  /** Where the bundle says so. */
  readonly evidence: GeneEvidence;
  /** Whether the feature of this name is a gene. */
  isGene(name: string): boolean;
}

/** Prefixes of features that are no genes, in all known versions. */
const CONTROL_PREFIXES = [
  "NegControlProbe_",
  "NegControlCodeword",
  "antisense_",
  "BLANK_",
  "UnassignedCodeword_",
  "DeprecatedCodeword_",
  "Intergenic_Region_",
] as const;

/**
 * Finds out which features are genes, by the first of these that the bundle has:
 *
 * | evidence | a gene is | analysis |
 * |---|---|---|
 * | column `is_gene` of the transcripts | true | 3.0 on |
 * | their column `codeword_category` | `…_gene` | 3.0 on |
 * | `gene_panel.json` | a target with the descriptor `gene` | all |
 * | the count matrix | of the type `Gene Expression` | all |
 * | names | of none of the prefixes of controls | all |
 *
 * @throws {SthelarError} `CorruptData` if a file that has to tell is damaged.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openDuckDb } from "@/formats/parquet/mod.ts";
 * import { openXeniumBundle, readGenes } from "@/formats/xenium/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await disk.write("/outs/experiment.xenium", new TextEncoder().encode("{}"));
 * using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
 * const { evidence, isGene } = await readGenes(await openXeniumBundle("/outs", disk), db);
 * assertEquals([evidence, isGene("CD3E"), isGene("BLANK_0414")], ["names", true, false]);
 * ```
 */
export async function readGenes(bundle: XeniumBundle, db: DuckDb): Promise<Genes> {
  const fromTranscripts = await genesOfTranscripts(bundle, db);
  if (fromTranscripts !== undefined) return fromTranscripts;
  const panel = await genesOfPanel(bundle);
  if (panel !== undefined) return listed("gene_panel", panel);
  if (bundle.files.has("matrix")) {
    const { names, types } = await readMatrixFeatures(bundle);
    return listed("matrix", names.filter((_, i) => types[i] === "Gene Expression"));
  }
  return { evidence: "names", isGene: (name) => !isControlName(name) };
}

/** Whether a feature's name is that of a control, in any known version. */
export function isControlName(name: string): boolean {
  return CONTROL_PREFIXES.some((prefix) => name.startsWith(prefix));
}

function listed(evidence: GeneEvidence, names: Iterable<string>): Genes {
  const genes = new Set(names);
  return { evidence, isGene: (name) => genes.has(name) };
}

async function genesOfTranscripts(bundle: XeniumBundle, db: DuckDb): Promise<Genes | undefined> {
  if (!isTable(bundle, "transcripts")) return undefined;
  const table = await openTable(bundle, "transcripts", ["feature_name"]);
  const evidence = (["is_gene", "codeword_category"] as const)
    .find((column) => table.columns.has(column));
  if (evidence === undefined) return undefined;
  const condition = evidence === "is_gene"
    ? "is_gene"
    : `${textSql(table, "codeword_category")} like '%\\_gene' escape '\\'`;
  const rows = await db.query(
    `select distinct ${
      textSql(table, "feature_name")
    } as name from ${table.sql} where ${condition}`,
    { text: ["name"] },
  );
  return listed(evidence, rows.rowCount === 0 ? [] : rows.text("name") as readonly string[]);
}

/** Names of the genes in the panel; `undefined` if there is none, or it lists none. */
async function genesOfPanel(bundle: XeniumBundle): Promise<readonly string[] | undefined> {
  const path = bundle.files.get("genePanel");
  const bytes = path === undefined ? undefined : await bundle.disk.read(path);
  if (path === undefined || bytes === undefined) return undefined;
  const targets = at(parsePanel(bytes, path), "payload", "targets");
  if (!Array.isArray(targets)) return undefined;
  const genes = targets
    .filter((target) => at(target, "type", "descriptor") === "gene")
    .map((target) => at(target, "type", "data", "name"))
    .filter((name) => typeof name === "string");
  return genes.length === 0 ? undefined : genes;
}

function parsePanel(bytes: Uint8Array, path: string): unknown {
  try {
    return parseJson(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read the gene panel "${path}"`,
      found: messageOf(error),
      expected: "JSON",
      remedy: "download the file again",
      path,
      cause: error,
    });
  }
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  let inner = value;
  for (const key of keys) {
    if (typeof inner !== "object" || inner === null) return undefined;
    inner = (inner as Record<string, unknown>)[key];
  }
  return inner;
}
