import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { jupyterDisplay, type MediaBundle, notebookPicture, svgToPng } from "@/plots/mod.ts";
import { contentFolder, readContent } from "./step_stage.ts";
import type { Study } from "./study.ts";

/** A figure that a step has drawn. */
export interface SavedFigure {
  /** Path of the SVG file; the PNG lies beside it. */
  readonly path: string;
  /** The picture as a notebook shows it. */
  [jupyterDisplay](): Promise<MediaBundle>;
}

/**
 * A figure that a step of the study has drawn, to be shown in a notebook.
 *
 * @param name Its name, without the file's ending.
 * @throws {SthelarError} `NotFound` with the nearest names.
 */
export async function savedFigure(study: Study, name: string): Promise<SavedFigure> {
  const { disk } = study;
  const path = await findFile(study, "figures", `${name}.svg`);
  return {
    path,
    async [jupyterDisplay]() {
      const svg = new TextDecoder().decode(await disk.read(path));
      return await notebookPicture(svg, () => svgToPng(svg), `[figure ${name}]`);
    },
  };
}

/**
 * The rows of a CSV file that a step of the study has written.
 *
 * @param name Its name, as in `labels_table_cells.csv`.
 * @param columns Only these columns, in this order.
 * @throws {SthelarError} `NotFound` with the nearest names.
 */
export async function savedTable<K extends string = string>(
  study: Study,
  name: string,
  columns?: readonly K[],
): Promise<Record<K, string>[]> {
  const bytes = await study.disk.read(await findFile(study, "tables", name));
  const [header = [], ...rows] = parseCsv(new TextDecoder().decode(bytes));
  const shown: readonly string[] = columns ?? header;
  const places = shown.map((column) => [column, header.indexOf(column)] as const);
  return rows.map((row) =>
    Object.fromEntries(places.map(([column, i]) => [column, row[i] ?? ""])) as Record<K, string>
  );
}

/** The fields of each line of a CSV text. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (
    const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n\r]*))(,|\r?\n|$)/g)
  ) {
    if (end === "" && row.length === 0 && !quoted && !plain) break;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

async function findFile(
  study: Study,
  kind: "tables" | "figures",
  name: string,
): Promise<string> {
  const known: string[] = [];
  for (const { step, key } of study.current()) {
    const content = await readContent(study.disk, study.folder, step.id, key);
    const names = kind === "figures"
      ? content.figures.map((figure) => `${figure}.svg`)
      : content.files.filter((file) => file.kind === kind).map((file) => file.name);
    if (names.includes(name)) {
      return `${contentFolder(study.folder, step.id, key)}/${kind}/${name}`;
    }
    known.push(...names);
  }
  throw new SthelarError("NotFound", {
    action: `Cannot open "${name}" of study "${study.folder.name}"`,
    found: "no step that has made it",
    remedy: didYouMean(name, known),
  });
}
