/**
 * The text of a `manifest.json` or `artefact.json` without what no two runs have in common: the
 * fields `seconds` and `peakMemoryBytes` of a stage's record. Everything else must be equal.
 */
export function withoutMeasurements(text: string): string {
  return text.replaceAll(/("(?:seconds|peakMemoryBytes)": )[\d.]+/g, "$10");
}
