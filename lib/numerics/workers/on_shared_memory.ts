/** A copy of an array in memory that workers see without another copy. */
export function onSharedMemory<A extends Int32Array | Float32Array | Float64Array>(array: A): A {
  const constructor = array.constructor as new (memory: SharedArrayBuffer) => A;
  const shared = new constructor(new SharedArrayBuffer(array.byteLength));
  shared.set(array);
  return shared;
}
