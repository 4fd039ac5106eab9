"""The twin of patch_masks.ts: shapely and scikit-image in a loop over patches, printed as JSON."""
import json
import re
import sys
import time
import zlib

import numpy as np
import shapely
from shapely.geometry import box
from skimage.draw import polygon as draw

WIDTH, HEIGHT, SIZE, STEP = 24544, 10645, 256, 192
folder = sys.argv[1]


def load(name):
    xy = np.fromfile(f"{folder}/{name}_xy", "<f8").reshape(-1, 2)
    starts = np.fromfile(f"{folder}/{name}_starts", "<i4")
    return xy, np.repeat(np.arange(len(starts) - 1), np.diff(starts))


def repaired(geometries):
    """Mends what crosses itself, as the original does."""
    for i in np.flatnonzero(~shapely.is_valid(geometries)):
        if "Self-intersection" in shapely.is_valid_reason(geometries[i]):
            buffered = geometries[i].buffer(0)
            if buffered.is_valid:
                geometries[i] = buffered
    return geometries


def vertices(geometry):
    if geometry.geom_type == "Polygon":
        return np.array(geometry.exterior.coords)
    if geometry.geom_type == "MultiPolygon":
        return np.vstack([np.array(part.exterior.coords) for part in geometry.geoms])
    raise ValueError("unsupported")


def paint(mask, geometry, origin, value):
    xy = vertices(geometry) - origin
    rows, columns = draw(xy[:, 1], xy[:, 0], shape=(SIZE, SIZE))
    mask[rows, columns] = value
    return rows, columns


def draw_patch(candidates, nuclei, cells, origin):
    patch = box(*origin, origin[0] + SIZE, origin[1] + SIZE)
    instances, ids, cell_ids = (np.zeros((SIZE, SIZE), np.int32) for _ in range(3))
    counter = 0
    for i in candidates:
        nucleus, cell = nuclei[i], cells[i]
        if not (nucleus.is_valid and cell.is_valid):
            continue
        if not (nucleus.intersects(patch) and cell.intersects(patch)):
            continue
        nucleus, cell = nucleus.intersection(patch), cell.intersection(patch)
        if nucleus.is_empty or cell.is_empty:
            continue
        counter += 1
        try:
            rows, columns = paint(instances, nucleus, origin, counter)
            ids[rows, columns] = i + 1
            paint(cell_ids, cell, origin, i + 1)
        except ValueError:
            continue
    return instances, ids, cell_ids


raw = {name: load(name) for name in ("nuclei", "cells")}
start, used = time.perf_counter(), time.process_time()
nuclei, cells = (
    repaired(shapely.polygons(shapely.linearrings(xy, indices=rows))) for xy, rows in raw.values()
)
prepared = time.perf_counter()
columns, rows = (-(-(extent - 64) // STEP) for extent in (WIDTH, HEIGHT))
origins = [(x * STEP, y * STEP) for y in range(rows) for x in range(columns)]
boxes = shapely.box(*np.array([(x, y, x + SIZE, y + SIZE) for x, y in origins]).T)
hits = shapely.STRtree(nuclei).query(boxes)
patches, seconds_of_checks = [], 0
for k in np.unique(hits[0]):
    candidates = np.sort(hits[1][hits[0] == k])
    masks = draw_patch(candidates, nuclei, cells, origins[k])
    if masks[0].any() and not masks[2].all():
        before = time.perf_counter()
        patches.append([int(k), *(zlib.crc32(mask.tobytes()) for mask in masks)])
        seconds_of_checks += time.perf_counter() - before
end = time.perf_counter() - seconds_of_checks
processor = time.process_time() - used - seconds_of_checks
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({
    "seconds": end - start,
    "processor": processor,
    "steps": {"repair": prepared - start, "draw": end - prepared},
    "peakMb": peak,
    "matches": len(patches),
    "patches": patches,
}))
