import { createHmac } from "node:crypto";

/** A message of the Jupyter protocol, version 5.3. */
export interface JupyterMessage {
  /** What it is, as in `execute_request`. */
  readonly type: string;
  /** Its id. */
  readonly id: string;
  /** Id of the request that it answers, `undefined` if none. */
  readonly parentId: string | undefined;
  /** Its fields, by type. */
  readonly content: Readonly<Record<string, unknown>>;
}

const DELIMITER = "<IDS|MSG>";

/** Packs a request into the frames of a ZeroMQ message, signed with `key`. */
export function packMessage(
  message: Pick<JupyterMessage, "type" | "id" | "content">,
  session: string,
  key: string,
): Uint8Array[] {
  const header = {
    msg_id: message.id,
    msg_type: message.type,
    session,
    username: "sthelar",
    date: new Date().toISOString(),
    version: "5.3",
  };
  const parts = [header, {}, {}, message.content].map((part) => JSON.stringify(part));
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return [DELIMITER, hmac.digest("hex"), ...parts].map((text) => new TextEncoder().encode(text));
}

/**
 * Reads the frames of a ZeroMQ message.
 *
 * @throws {SyntaxError} They are no Jupyter message.
 */
export function unpackMessage(frames: readonly Uint8Array[]): JupyterMessage {
  const texts = frames.map((frame) => new TextDecoder().decode(frame));
  const start = texts.indexOf(DELIMITER);
  if (start < 0 || texts.length < start + 6) {
    throw new SyntaxError(`Cannot read a message: found ${texts.length} frames, no delimiter`);
  }
  const [header, parent, , content] = texts.slice(start + 2, start + 6)
    .map((text) => JSON.parse(text) as Record<string, unknown>);
  return {
    type: String(header.msg_type),
    id: String(header.msg_id),
    parentId: typeof parent.msg_id === "string" ? parent.msg_id : undefined,
    content,
  };
}
