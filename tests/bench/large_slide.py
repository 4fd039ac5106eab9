"""The other side of large_slide.ts: spatialdata's bounding_box_query on the same points."""

import json
import resource
import sys
import time

import spatialdata
from spatialdata import bounding_box_query

folder = sys.argv[1]
boxes = json.load(open(f"{folder}/boxes.json"))
side = boxes["side"]
seconds, matches = [], 0
start = time.perf_counter()
points = spatialdata.read_zarr(f"{folder}/large.zarr").points["st"][["x", "y", "feature_name"]]
for corner in boxes["corners"]:
    begin = time.perf_counter() if seconds else start
    low = [corner["x"], corner["y"]]
    found = bounding_box_query(
        points,
        axes=("x", "y"),
        min_coordinate=low,
        max_coordinate=[low[0] + side, low[1] + side],
        target_coordinate_system="global",
    )
    matches += 0 if found is None else len(found.compute())
    seconds.append(time.perf_counter() - begin)
first, others = seconds[0], sorted(seconds[1:])
steps = {"first": first, "median": others[len(others) // 2], "slowest": others[-1]}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": sum(seconds), "steps": steps, "peakMb": peak, "matches": matches}))
