import { encodeJpeg2000 } from "./encode_jpeg2000.ts";

/** A tile to encode. */
export interface EncodeRequest {
  readonly id: number;
  readonly samples: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** An encoded tile, or why there is none. */
export type EncodeReply =
  | { readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly message: string };

interface WorkerScope {
  onmessage: (event: MessageEvent<EncodeRequest>) => void;
  postMessage(reply: EncodeReply, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data: { id, samples, width, height } }) => {
  try {
    const bytes = await encodeJpeg2000(samples, width, height);
    scope.postMessage({ id, bytes }, [bytes.buffer]);
  } catch (error) {
    scope.postMessage({ id, message: error instanceof Error ? error.message : String(error) });
  }
};
