/**
 * SpatialData stores: images, labels, points, shapes and tables with their coordinate systems. Written
 * in the layout of spatialdata 0.7 (zarr v3); older ones (zarr v2) are read too.
 * @module
 */
export { describeSpatialData } from "./describe_spatial_data.ts";
export {
  type ImagePyramid,
  openImage,
  type PixelRegion,
  type PyramidLevel,
} from "./image_pyramid.ts";
export {
  createImageWriter,
  createLabelsWriter,
  type ImageSpec,
  type ImageWriter,
  type LabelsSpec,
  type PyramidSpec,
  type TilePlace,
} from "./image_writer.ts";
export { halvedShapes, type LevelGrid } from "./level_grid.ts";
export { openSpatialData, type SpatialDataStore } from "./open_spatial_data.ts";
export {
  createPointsWriter,
  openPoints,
  type Points,
  type PointsBox,
  type PointsSpec,
  type PointsWriter,
  selectPoints,
} from "./points.ts";
export { readShapes, type Shapes, type ShapesSpec, writeShapes } from "./shapes.ts";
export { ELEMENT_KINDS, type ElementKind, writeStoreRoot } from "./store_root.ts";
export {
  openTable,
  tableAttributes,
  type TableHandle,
  type TableLink,
  writeTable,
  writeTableLink,
} from "./tables.ts";
export {
  type AffineTransformation,
  affineXY,
  type Axis,
  type AxisValues,
  identity,
  type Matrix3,
  toMatrix,
  type Transformation,
  type Transformations,
} from "./transformation.ts";
export {
  DEFAULT_COORDINATE_SYSTEM,
  parseTransformations,
  serializeTransformations,
} from "./transformation_json.ts";
