import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { readGenes } from "@/formats/xenium/mod.ts";
import { type Changes, TABLES, withBundle } from "./synthetic_bundle.ts";

const transcripts = (columns: string) =>
  `select * exclude (is_gene)${columns} from (${TABLES["transcripts.parquet"]})`;
const PANEL = new TextEncoder().encode(JSON.stringify({
  payload: {
    targets: [
      { type: { descriptor: "gene", data: { name: "CD3E", id: "ENSG01" } } },
      { type: { descriptor: "gene", data: { name: "ACTB" } } },
      { type: { descriptor: "negative_control", data: { name: "NegControlProbe_00001" } } },
    ],
  },
}));

const EVIDENCE: Readonly<Record<string, Changes>> = {
  is_gene: { "gene_panel.json": PANEL },
  codeword_category: {
    "transcripts.parquet": transcripts(
      ", if(is_gene, 'custom_gene', 'negative_control_probe')::blob as codeword_category",
    ),
  },
  gene_panel: { "transcripts.parquet": transcripts(""), "gene_panel.json": PANEL },
  matrix: {
    "transcripts.parquet": null,
    "transcripts.csv.gz": transcripts(""),
    "gene_panel.json": new TextEncoder().encode('{"payload": {"targets": []}}'),
  },
  names: { "transcripts.parquet": transcripts(""), "cell_feature_matrix.h5": null },
};

for (const [evidence, changes] of Object.entries(EVIDENCE)) {
  Deno.test(`readGenes() tells genes from controls by ${evidence}`, () =>
    withBundle(changes, async (bundle, db) => {
      const genes = await readGenes(bundle, db);
      assertEquals(genes.evidence, evidence);
      assertEquals(["CD3E", "ACTB", "NegControlProbe_00001"].map((name) => genes.isGene(name)), [
        true,
        true,
        false,
      ]);
    }));
}

Deno.test("readGenes() refuses a gene panel that is no JSON", () =>
  withBundle({
    "transcripts.parquet": transcripts(""),
    "gene_panel.json": PANEL.subarray(0, 50),
  }, async (bundle, db, folder) => {
    const error = await assertRejects(() => readGenes(bundle, db), SthelarError);
    assertEquals([error.tag, error.path], ["CorruptData", `${folder}/gene_panel.json`]);
  }));
