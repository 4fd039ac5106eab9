import type { Attributes } from "@/formats/zarr/mod.ts";
import type { ElementSink, ElementSource, NodeInfo } from "./element_store.ts";
import type { Element } from "./model.ts";

/** A node to decode. */
export interface NodeReader {
  readonly source: ElementSource;
  /** The node's path in the store. */
  readonly path: string;
  readonly info: NodeInfo;
  /** Decodes a child. */
  child(key: string): Promise<Element>;
}

/** A node to encode. */
export interface NodeWriter {
  readonly sink: ElementSink;
  /** The node's path in the store. */
  readonly path: string;
  /** The encoding's type and version, and attributes of the caller. */
  readonly attributes: Attributes;
  /** Encodes a child. */
  child(key: string, element: Element): Promise<void>;
}

/** How one kind of element is stored, the same in zarr and in HDF5. */
export interface Encoding {
  /** `encoding-type`. */
  readonly type: string;
  /** `encoding-version`. */
  readonly version: string;
  /** Decodes a node. */
  read(node: NodeReader): Promise<Element>;
  /** Whether it encodes this element; absent for encodings that are only read. */
  accepts?(element: Element): boolean;
  /** Encodes an element that it accepts. */
  write?(node: NodeWriter, element: Element): Promise<void>;
}

/** An encoding whose writer knows the type of what it accepts. */
export function defineEncoding<T extends Element>(encoding: {
  readonly type: string;
  readonly version: string;
  read(node: NodeReader): Promise<Element>;
  accepts(element: Element): element is T;
  write(node: NodeWriter, element: T): Promise<void>;
}): Encoding {
  return encoding as unknown as Encoding;
}
