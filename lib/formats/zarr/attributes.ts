/** What JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** The free-form metadata of a group or array. */
export type Attributes = { readonly [key: string]: JsonValue };
