import { messageOf, SthelarError } from "@/core/errors.ts";
import { env, type InferenceSession, listSupportedBackends } from "onnxruntime-node";
import { CompiledModel } from "./compiled_model.ts";
import type { OpenRequest } from "./program_protocol.ts";

/**
 * Opens a session for each model. Graphs run as they were built: fusing nodes would break what
 * {@link isInPlace} has shown.
 *
 * @throws {SthelarError} `InvalidArgument` if onnxruntime lacks the provider, or refuses a model.
 */
export async function openModels(
  { models, threads, provider }: OpenRequest,
): Promise<Map<string, CompiledModel>> {
  env.logLevel = "fatal";
  const available = listSupportedBackends().map(({ name }) => name as string);
  if (!available.includes(provider)) throw unavailable(provider, available, "no such provider");
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "disabled",
    // Same speed, and a fifth less memory for Tangram's blocks.
    enableMemPattern: false,
    // Threads that wait without sleeping take the time of other processes: three times slower beside one.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
    logSeverityLevel: 4,
  };
  const opened = new Map<string, CompiledModel>();
  for (const [name, model] of Object.entries(models)) {
    const compiled = await CompiledModel.open(name, model, options).catch((error) => {
      if (provider !== "cpu") throw unavailable(provider, available, messageOf(error));
      throw new SthelarError("InvalidArgument", {
        action: `Cannot open the tensor program "${name}"`,
        found: messageOf(error),
      });
    });
    opened.set(name, compiled);
  }
  return opened;
}

function unavailable(provider: string, available: string[], found: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot run tensor programs on "${provider}"`,
    found,
    expected: `one that works here of ${available.join(", ")}`,
    remedy: 'use "cpu"',
  });
}
