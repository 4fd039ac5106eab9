import { type ErrorParts, type ErrorTag, messageOf, SthelarError } from "@/core/errors.ts";
import type { EncodedTile, TileSamples } from "./tile_encoding.ts";

/** A tile on its way to a worker. */
export interface DecodeRequest extends EncodedTile {
  readonly id: number;
}

/** An error in a form that can cross to another thread. */
export interface DecodeFault {
  readonly tag: ErrorTag;
  readonly found: string;
  readonly expected: string | undefined;
  readonly remedy: string | undefined;
}

/** What a worker answers. */
export type DecodeReply =
  | { readonly id: number; readonly samples: TileSamples }
  | { readonly id: number; readonly fault: DecodeFault };

/** Takes an error apart for the way back. */
export function toFault(thrown: unknown): DecodeFault {
  const found = messageOf(thrown);
  if (!(thrown instanceof SthelarError)) {
    return { tag: "StageFailed", found, expected: undefined, remedy: undefined };
  }
  const { tag, expected, remedy } = thrown;
  return { tag, found: thrown.found ?? found, expected, remedy };
}

/** Puts an error together again, with what was being done when it came up. */
export function fromFault(
  { tag, found, expected, remedy }: DecodeFault,
  { action, path, cause }: Pick<ErrorParts, "action" | "path" | "cause">,
): SthelarError {
  return new SthelarError(tag, {
    action,
    found,
    cause,
    ...(path === undefined ? {} : { path }),
    ...(expected === undefined ? {} : { expected }),
    ...(remedy === undefined ? {} : { remedy }),
  });
}
