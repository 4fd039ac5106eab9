import { assertEquals } from "@std/assert";
import { catalogueSlides } from "@/pipeline/catalogue.ts";
import { withPublishedParams } from "@/pipeline/published_params.ts";

Deno.test("withPublishedParams() gives bone_s0 four bins of transcripts, and no other slide", () => {
  const binned = catalogueSlides.filter(({ id }) => "2-07" in withPublishedParams(id, {}));
  assertEquals(binned.map(({ id }) => id), ["bone_s0"]);
  assertEquals(withPublishedParams("bone_s0", {})["2-07"], { quantiles: 4 });
});

Deno.test("withPublishedParams() lets the user say otherwise", () => {
  const given = { "2-07": { quantiles: 5 }, "2-06": { epochs: 3 } };
  const { "2-06": scvi, "2-07": bins } = withPublishedParams("bone_s0", given);
  assertEquals([scvi, bins], [{ epochs: 3 }, { quantiles: 5 }]);
  assertEquals(withPublishedParams("heart_s0", given)["2-07"], { quantiles: 5 });
});
