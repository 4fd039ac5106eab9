import { assert, assertEquals } from "@std/assert";
import { svgToPng } from "@/plots/mod.ts";
import { textWidth, wrapText } from "@/plots/text_width.ts";
import sharp from "sharp";

Deno.test("textWidth() is what the bundled font takes, within 5 px of 200", async () => {
  for (const bold of [false, true]) {
    const text = "Fibroblast_Myofibroblast (2,084)";
    const weight = bold ? ' font-weight="bold"' : "";
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="30">' +
      `<text y="20" font-family="DejaVu Sans" font-size="12"${weight}>${text}</text></svg>`;
    const { info } = await sharp(await svgToPng(svg, { scale: 1 })).trim()
      .toBuffer({ resolveWithObject: true });
    const expected = textWidth(text, { sizePx: 12, bold });
    assert(Math.abs(info.width - expected) < 5, `${info.width} px drawn, ${expected} px expected`);
  }
});

Deno.test("wrapText() keeps every word and gives a long one its own line", () => {
  const lines = wrapText("a verylongwordindeed b", 40, { sizePx: 10 });
  assertEquals(lines, ["a", "verylongwordindeed", "b"]);
  assertEquals(wrapText("", 40, { sizePx: 10 }), []);
});
