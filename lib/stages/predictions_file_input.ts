import type { Input } from "@/core/stage.ts";

/** Predicted instance maps that someone published; opened patch by patch, so only their path is told. */
export const predictionsFileInput = {
  kind: "source",
  names: ["predictions"],
  doc: "predicted nuclei (--predictions)",
  optional: true,
  files: (path: string) => Promise.resolve([path]),
  open: ({ resolve }) => Promise.resolve(resolve("predictions")),
} as const satisfies Input<string>;
