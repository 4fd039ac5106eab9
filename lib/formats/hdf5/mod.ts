/**
 * HDF5 files.
 * @module
 */
export {
  type Hdf5AttributeValue,
  type Hdf5DatasetInfo,
  type Hdf5File,
  openHdf5,
} from "./hdf5_file.ts";
export type { Hdf5Field } from "./record_fields.ts";
export type { Hdf5DType } from "./value_type.ts";
export { type Hdf5Attributes, type Hdf5Writer, writeHdf5 } from "./hdf5_writer.ts";
