import { assert, assertEquals } from "@std/assert";
import { MARKER_SOURCES, MARKER_TYPES, panelMarkers } from "@/labels/marker_types.ts";
import { finalLabelOf } from "@/labels/reference_types.ts";
import { PANEL_GENES } from "./planted_clusters.ts";

Deno.test("every marker names a source of the table, and no type lists a gene twice", () => {
  for (const { kind, markers, absent } of MARKER_TYPES) {
    for (const source of [...Object.keys(markers), ...Object.keys(absent)]) {
      assert(Object.hasOwn(MARKER_SOURCES, source), `${kind}: ${source}`);
    }
    const genes = [...Object.values(markers), ...Object.values(absent)].flat();
    assertEquals(genes.length, new Set(genes).size, kind);
    assert(genes.every((gene) => /^[A-Z][A-Z0-9-]*(orf\d+)?$/.test(gene)), `${kind}: ${genes}`);
  }
  assert(Object.values(MARKER_SOURCES).every(({ doi }) => /^10\.\d{4,}\/\S+$/.test(doi)));
});

Deno.test("no two types have one name", () => {
  const kinds = MARKER_TYPES.map(({ kind }) => kind);
  assertEquals(kinds.length, new Set(kinds).size);
});

Deno.test("the multi-tissue panel can tell all ten categories", () => {
  const found = panelMarkers(PANEL_GENES).map(({ type }) => finalLabelOf(type.label1));
  assertEquals([...new Set(found)].sort(), [
    ...["B_Plasma", "Blood_vessel", "Epithelial", "Fibroblast_Myofibroblast", "Glioblastoma"],
    ...["Melanocyte", "Myeloid", "Specialized", "Stem_like", "T_NK"],
  ]);
});

Deno.test("panelMarkers() leaves out a type with one marker, and counts a name that is there twice once", () => {
  assertEquals(panelMarkers(["CPA3", "CPA3", "GFAP"]), []);
  assertEquals(panelMarkers(["cpa3", "KIT"]).map(({ type }) => type.label1), ["Mast"]);
});
