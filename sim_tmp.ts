import { localDisk } from "@/formats/disk/mod.ts";
import { simulateSlide } from "@/simulate/mod.ts";
const t = performance.now();
const [out, json="{}"] = Deno.args;
const r = await simulateSlide(localDisk, out, { slideId: "heart_s0", ...JSON.parse(json) });
console.log("total s", (performance.now()-t)/1000, r.plan.width, r.plan.height, r.plan.he.width, r.plan.he.height, r.transcriptCount, r.leakedShare, "rss", Deno.memoryUsage().rss/1e6);
