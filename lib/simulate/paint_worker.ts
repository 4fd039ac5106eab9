import { type Picture, picturePainter } from "./picture_painter.ts";
import type { SimulatedTissue } from "./simulated_tissue.ts";

/** Says what is to be painted, or asks for a part of it. */
export type PaintRequest =
  | { readonly kind: "tissue"; readonly tissue: SimulatedTissue; readonly picture: Picture }
  | {
    readonly kind: "part";
    readonly id: number;
    readonly part: readonly [x: number, y: number, width: number, height: number];
  };

/** A painted part, or why there is none. */
export type PaintReply =
  | { readonly id: number; readonly pixels: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> }
  | { readonly id: number; readonly message: string };

interface WorkerScope {
  onmessage: (event: MessageEvent<PaintRequest>) => void;
  postMessage(reply: PaintReply, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
let painter: ReturnType<typeof picturePainter> | undefined;

scope.onmessage = ({ data: request }) => {
  if (request.kind === "tissue") {
    painter = picturePainter(request.tissue, request.picture);
    return;
  }
  try {
    if (painter === undefined) throw new Error("a part was asked for before its tissue");
    const pixels = painter.paint(...request.part);
    scope.postMessage({ id: request.id, pixels }, [pixels.buffer]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ id: request.id, message });
  }
};
