import type { Input } from "@/core/stage.ts";
import { type OmeTiff, openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { type HeAlignment, readHeAlignment } from "@/formats/xenium/mod.ts";

/** The H&E slide as the user brought it; whoever opens it closes it. */
export const heInput: Input<OmeTiff> = {
  kind: "source",
  names: ["he"],
  doc: "H&E image (--he)",
  files: (path) => Promise.resolve([path]),
  open: ({ resolve }) => openOmeTiff(resolve("he")),
};

/** How the H&E lies on the morphology; absent for an H&E that is registered already. */
export const heAlignmentInput = {
  kind: "source",
  names: ["he-alignment"],
  doc: "alignment of the H&E (--he-alignment)",
  optional: true,
  files: (path: string) => Promise.resolve([path]),
  open: ({ resolve, disk }) => readHeAlignment(disk, resolve("he-alignment")),
} as const satisfies Input<HeAlignment>;
