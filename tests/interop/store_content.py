"""The content of a SpatialData store as plain JSON, the same for each release that reads it."""

import hashlib

import dask.dataframe
import numpy as np
import pandas as pd
import scipy.sparse
import spatialdata
import xarray


def array_content(values):
    values = np.ascontiguousarray(values)
    if values.dtype.kind in "OUST":
        return {"texts": [str(v) for v in values.ravel()], "shape": list(values.shape)}
    if values.dtype.names:
        return {name: array_content(values[name]) for name in values.dtype.names}
    return {
        "dtype": values.dtype.newbyteorder("=").name,
        "shape": list(values.shape),
        "first": [repr(v) for v in values.ravel()[:20].tolist()],
        "sha256": hashlib.sha256(values.tobytes()).hexdigest(),
    }


def column_content(column):
    if isinstance(column.dtype, pd.CategoricalDtype):
        return {
            "categories": [str(c) for c in column.cat.categories],
            "ordered": bool(column.cat.ordered),
            "codes": array_content(column.cat.codes.to_numpy().astype("i4")),
        }
    if column.isna().any():
        return {"missing": column.isna().tolist(), "values": column_content(column.dropna())}
    return array_content(column.to_numpy())


def frame_content(frame):
    return {
        "index": [str(i) for i in frame.index],
        "index name": frame.index.name,
        **{name: column_content(frame[name]) for name in frame.columns},
    }


def value_content(value):
    if hasattr(value, "items") and not isinstance(value, pd.DataFrame):
        return {str(key): value_content(v) for key, v in sorted(value.items()) if v is not None}
    if isinstance(value, pd.DataFrame):
        return frame_content(value)
    if scipy.sparse.issparse(value):
        return [value.format] + [array_content(a) for a in (value.data, value.indices, value.indptr)]
    if isinstance(value, (np.ndarray, pd.api.extensions.ExtensionArray)):
        return column_content(pd.Series(value)) if value.ndim == 1 and not getattr(
            value.dtype, "names", None
        ) else array_content(value)
    return value.item() if isinstance(value, np.generic) else value


def table_content(table):
    parts = {key: value_content(getattr(table, key)) for key in ("obsm", "varm", "obsp", "varp", "layers", "uns")}
    raw = None if table.raw is None else [value_content(table.raw.X), frame_content(table.raw.var)]
    return {"X": value_content(table.X), "obs": frame_content(table.obs), "var": frame_content(table.var), "raw": raw, **parts}


def raster_content(element):
    levels = [element] if isinstance(element, xarray.DataArray) else [s.image for s in element.values()]
    channels = [str(c) for c in levels[0].c.values] if "c" in levels[0].dims else []
    return {"axes": list(levels[0].dims), "channels": channels, "levels": [array_content(l.to_numpy()) for l in levels]}


def points_content(points):
    frame = points.compute() if isinstance(points, dask.dataframe.DataFrame) else points
    for name in frame.columns:
        # Which categories are known before a file is read depends on the release of dask.
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].astype(str)
    return {"rows": len(frame), "attrs": points.attrs.get("spatialdata_attrs"), **frame_content(frame.reset_index(drop=True))}


def shapes_content(shapes):
    columns = shapes.drop(columns="geometry")
    return {"wkb": [g.wkb_hex for g in shapes.geometry], **frame_content(pd.DataFrame(columns))}


def content_of(path):
    sdata = spatialdata.read_zarr(path)
    readers = {
        "images": raster_content,
        "labels": raster_content,
        "points": points_content,
        "shapes": shapes_content,
        "tables": table_content,
    }
    content = {
        f"{kind}/{name}": read(element)
        for kind, read in readers.items()
        for name, element in getattr(sdata, kind).items()
    }
    transformations = {
        f"{name}/{system}": transformation.to_affine_matrix(("x", "y"), ("x", "y")).tolist()
        for kind, name, element in sdata.gen_elements()
        if kind != "tables"
        for system, transformation in spatialdata.transformations.get_transformation(
            element, get_all=True
        ).items()
    }
    return {"attrs": dict(sdata.attrs), "transformations": transformations, **content}
