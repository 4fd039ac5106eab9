import { assertEquals, assertMatch } from "@std/assert";
import { parseLinks } from "@/fetch/mod.ts";
import { catalogueSlide, catalogueSlides, sourcePageUrl } from "@/pipeline/catalogue.ts";

Deno.test("every slide of the catalogue names a page that could be one", () => {
  for (const slide of catalogueSlides) {
    assertMatch(sourcePageUrl(slide), /^https:\/\/www\.10xgenomics\.com\/datasets\/[a-z0-9.-]+$/);
  }
});

Deno.test("links of the catalogue, where there are any, can be downloaded", () => {
  for (const { id, downloads } of catalogueSlides) parseLinks(downloads ?? [], id);
  assertEquals(catalogueSlide("heart_s0")?.downloads, undefined);
});
