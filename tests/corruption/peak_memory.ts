import { readFileSync, writeFileSync } from "node:fs";

/** Whether the machine tells how much memory a call took at most (Linux). */
export const canMeasurePeak: boolean = Deno.build.os === "linux";

/** Forgets the process's peak: from now on {@link peakBytes} is that of what follows. */
export function resetPeak(): void {
  if (canMeasurePeak) writeFileSync("/proc/self/clear_refs", "5");
}

/** Most resident memory since {@link resetPeak}, in bytes. */
export function peakBytes(): number {
  return canMeasurePeak ? statusBytes("VmHWM") : Deno.memoryUsage().rss;
}

/** Resident memory now, in bytes. */
export function residentBytes(): number {
  return canMeasurePeak ? statusBytes("VmRSS") : Deno.memoryUsage().rss;
}

function statusBytes(key: string, process = "self"): number {
  const line = new RegExp(`^${key}:\\s+(\\d+) kB`, "m");
  return 1024 * Number(line.exec(readFileSync(`/proc/${process}/status`, "utf8"))?.[1] ?? 0);
}
