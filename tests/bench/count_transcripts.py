"""The twin of count_transcripts.ts: geopandas sjoin on the same files, printed as JSON."""
import json
import re
import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix

folder = sys.argv[1]
start = time.perf_counter()
vertices = pd.read_parquet(f"{folder}/nucleus_boundaries.parquet")
first = (vertices.cell_id != vertices.cell_id.shift()).to_numpy()
rings = shapely.linearrings(vertices[["vertex_x", "vertex_y"]].to_numpy("f8"), indices=np.cumsum(first) - 1)
nuclei = gpd.GeoDataFrame(geometry=shapely.polygons(rings), index=vertices.cell_id[first].to_numpy()).sort_index()
nuclei = nuclei.reset_index(drop=True)
ready = time.perf_counter()

table = pd.read_parquet(f"{folder}/transcripts.parquet", columns=["x_location", "y_location", "feature_name"])
names = table.feature_name.astype("category").cat
codes = names.codes.to_numpy()
points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(table.x_location, table.y_location))
joined = gpd.sjoin(points, nuclei, predicate="intersects", how="inner")
rows = joined["index_right"].to_numpy()
columns = codes[joined.index.to_numpy()]
shape = (len(nuclei), len(names.categories))
counts = coo_matrix((np.ones(len(rows), np.int32), (rows, columns)), shape=shape).tocsr()
counts.sort_indices()
end = time.perf_counter()

for part in ("indptr", "indices", "data"):
    getattr(counts, part).astype("<i4").tofile(f"{folder}/geopandas.{part}")
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
steps = {"polygons": ready - start, "transcripts": end - ready}
print(json.dumps({"seconds": end - start, "steps": steps, "peakMb": peak, "matches": len(joined)}))
