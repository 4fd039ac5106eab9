export * from "./affine.ts";
export * from "./clip.ts";
export * from "./count_matrix_builder.ts";
export * from "./count_points.ts";
export * from "./point_in_polygon.ts";
export * from "./polygon_index.ts";
export * from "./ring.ts";
