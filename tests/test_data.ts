import { existsSync } from "node:fs";

/**
 * Folder of the real data sets, `undefined` where they are absent. `STHELAR_TEST_DATA` names it;
 * beside a checkout it is `../shared/data`.
 */
export const testDataRoot: string | undefined = [
  Deno.env.get("STHELAR_TEST_DATA") ?? new URL("../../shared/data", import.meta.url).pathname,
].find((folder) => existsSync(folder));

/**
 * Registers a test that needs a real data set; without the data it is listed as ignored, and its
 * name says why.
 *
 * @param folder The data set's folder below the root, as in `xenium_ileum_tiny_outs`.
 */
export function testWithData(
  folder: string,
  name: string,
  run: (path: string, context: Deno.TestContext) => void | Promise<void>,
): void {
  const path = `${testDataRoot}/${folder}`;
  const present = testDataRoot !== undefined && existsSync(path);
  Deno.test({
    name: present ? name : `${name} [skipped: no ${folder}; set STHELAR_TEST_DATA]`,
    ignore: !present,
    fn: (context) => run(path, context),
  });
}
