import { assert } from "@std/assert";
import type { Categorical } from "@/core/categorical.ts";
import { type Element, readElement } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { LabelReport } from "@/stages/label_report.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import {
  openPlanted,
  type Planted,
  type PlantedOptions,
  plantedSubtype,
  plantedTypes,
  runAll,
} from "./planted_slide.ts";

/** At resolution 0.4 the clusters 0 to 3 are T, B, Endothelial and Mast; at 1 the T cells are two. */
export const CLUSTERED = "pca_n10_pcs16_leiden_res0.4", FINER = "pca_n10_pcs16_leiden_res1";
/** Parameters of the slide. */
export const PARAMS = { "2-03a": { resolutions: "0.4,1" } };
/** Nuclei with a subtype of T cells. */
export const SUBTYPE: Planted = { subtype: true };

/** Decisions about one table, as they are in a file. */
export interface DecisionsJson {
  clustering: { key: string; stamp: string };
  splits?: unknown;
  merges?: unknown;
  labels: Record<string, { label1: string; label2?: string; label3?: string }>;
}

/** A planted slide that is opened again and again as its files change. */
export class PlantedFolder {
  constructor(readonly folder: string, readonly planted: Planted) {}

  get decisions(): string {
    return `${this.folder}/decisions/planted/clusters.json`;
  }

  open(options: PlantedOptions = {}): Promise<Slide> {
    return openPlanted(this.folder, this.planted, { params: PARAMS, ...options });
  }

  async build(options: PlantedOptions = {}): Promise<{ slide: Slide; warnings: string[] }> {
    const slide = await this.open(options);
    return { slide, warnings: await runAll(slide) };
  }

  async write(text: string): Promise<void> {
    await Deno.mkdir(`${this.folder}/decisions/planted`, { recursive: true });
    await Deno.writeTextFile(this.decisions, text);
  }

  /** Writes the draft of a slide that was labelled by rule, with changes. */
  async decide(slide: Slide, change: Partial<DecisionsJson>): Promise<void> {
    const { nuclei, format } = JSON.parse((await reportOf(slide)).draft);
    await this.write(JSON.stringify({ format, nuclei: { ...nuclei, ...change } }));
  }
}

/** Gives a test a planted slide of its own. */
export const withPlanted =
  (planted: Planted, run: (planted: PlantedFolder) => Promise<void>) => () =>
    withTempDir((folder) => run(new PlantedFolder(folder, planted)));

/** What 2-03b says of its labels. */
export const reportOf = (slide: Slide) => slide.open(reportInput<LabelReport>("refine_tangram"));

/** A part of the table of nuclei. */
export const part = <E extends Element>(slide: Slide, name: string) =>
  readElement(localDisk, slide.resolve(`tables/table_nuclei/${name}`)) as Promise<E>;

/** Texts of a column of categories. */
export async function column(slide: Slide, name: string): Promise<(string | undefined)[]> {
  const { codes, levels } = await part<Categorical>(slide, `obs/${name}`);
  return Array.from(codes, (code) => levels[code]);
}

/** What each nucleus is called, by what was planted: `T+` are the T cells of the subtype. */
export async function named(
  { planted }: PlantedFolder,
  slide: Slide,
  name: string,
): Promise<Record<string, string | undefined>> {
  const texts = await column(slide, name);
  const isSubtype = planted.subtype ? plantedSubtype(planted) : [];
  const found: Record<string, string | undefined> = {};
  plantedTypes(planted).forEach((type, row) => {
    const of = `${type}${isSubtype[row] ? "+" : ""}`;
    assert(!(of in found) || found[of] === texts[row], `${of}: ${found[of]} and ${texts[row]}`);
    found[of] = texts[row];
  });
  return found;
}

/** What the plan does with each stage. */
export const isPlanned = ({ plan }: Slide): Record<string, string> =>
  Object.fromEntries(plan.map(({ stage, action }) => [stage.id, action]));
