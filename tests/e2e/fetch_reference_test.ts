import { assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { references } from "@/pipeline/references.ts";
import { catalogueSlides } from "@/pipeline/catalogue.ts";
import { serveFile } from "../fetch/file_server.ts";
import { type CliResult, withTempDir } from "./run_cli.ts";

/** Runs `fetch-reference` with the permissions of its task. */
async function fetchReference(...args: readonly string[]): Promise<CliResult> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"],
      ...["--allow-net", "lib/cli.ts", "fetch-reference", ...args],
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("without a known link it says what to get, and where to put it", () =>
  withTempDir(async (folder) => {
    const heart = await fetchReference("heart", "--data", folder);
    assertEquals(heart.code, 1);
    assertStringIncludes(heart.stderr, "624,358 cells x 33,234 genes");
    assertStringIncludes(heart.stderr, `-> ${folder}/references/disco_heart_v01.h5ad`);
    const prostate = await fetchReference("prostate", "--data", folder);
    assertStringIncludes(prostate.stderr, "Exp_data_UMIcounts.mtx, Genes.txt, Cells.csv");
    const unknown = await fetchReference("hart");
    assertEquals(unknown.code, 2);
    assertStringIncludes(unknown.stderr, 'did you mean "heart"');
  }));

Deno.test("a link is fetched, checked, and named so that slides of the tissue find it", () =>
  withTempDir(async (folder) => {
    const content = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
    const sha256 = createHash("sha256").update(content).digest("hex");
    await using server = serveFile({ content, etag: '"1"' }, [{}]);
    const url = new URL("download/atlas_final.h5ad?x=1", server.url).href;
    const args = ["cervix", "--url", url, "--data", folder];
    const fetched = await fetchReference(...args, "--sha256", sha256);
    assertEquals(fetched.code, 0, fetched.stderr);
    assertStringIncludes(fetched.stderr, "checksum agrees");
    const path = `${folder}/references/disco_ovarian_cancer_v1.0.h5ad`;
    assertEquals(await Deno.readFile(path), content);
  }));

Deno.test("every tissue of the catalogue has a reference, the one that its slides name", () => {
  for (const { id, tissue, tangramReference } of catalogueSlides) {
    const reference = references.find(({ tissues }) => tissues.includes(tissue));
    const [named] = tangramReference.split(" ");
    assertEquals(reference?.key, named === "3CA" ? "3ca_prostate_song2022" : named, id);
  }
});
