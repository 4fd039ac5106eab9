"""The twin of count_transcripts.ts: geopandas sjoin on the same files, printed as JSON."""
import json
import re
import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet  # noqa: F401  loaded before the clock starts, as DuckDB is on the other side
import shapely
from scipy.sparse import coo_matrix

A, B, C, D, E, F = 4.7056, 0.0411, 103.25, -0.0411, 4.7056, 57.5


def project(x, y):
    """Micron to pixel, in the order of operations of the other side."""
    x, y = x.to_numpy("f8"), y.to_numpy("f8")
    return A * x + B * y + C, D * x + E * y + F


folder = sys.argv[1]
steps = {}
start = last = time.perf_counter()


def lap(step):
    """Notes the time since the step before."""
    global last
    now = time.perf_counter()
    steps[step], last = now - last, now


vertices = pd.read_parquet(f"{folder}/nucleus_boundaries.parquet")
first = (vertices.cell_id != vertices.cell_id.shift()).to_numpy()
corners = np.column_stack(project(vertices.vertex_x, vertices.vertex_y))
rings = shapely.linearrings(corners, indices=np.cumsum(first) - 1)
nuclei = gpd.GeoDataFrame(geometry=shapely.polygons(rings), index=vertices.cell_id[first].to_numpy())
nuclei = nuclei.sort_index().reset_index(drop=True)
lap("polygons")

table = pd.read_parquet(f"{folder}/transcripts.parquet", columns=["x_location", "y_location", "feature_name"])
names = table.feature_name.astype("category").cat
codes = names.codes.to_numpy()
lap("transcripts")
points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*project(table.x_location, table.y_location)))
lap("points")
joined = gpd.sjoin(points, nuclei, predicate="intersects", how="inner")
lap("join")
rows = joined["index_right"].to_numpy()
columns = codes[joined.index.to_numpy()]
shape = (len(nuclei), len(names.categories))
counts = coo_matrix((np.ones(len(rows), np.int32), (rows, columns)), shape=shape).tocsr()
counts.sort_indices()
lap("matrix")

for part in ("indptr", "indices", "data"):
    getattr(counts, part).astype("<i4").tofile(f"{folder}/geopandas.{part}")
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({"seconds": last - start, "steps": steps, "peakMb": peak, "matches": len(joined)}))
