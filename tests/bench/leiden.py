"""The twin of leiden.ts: igraph as scanpy's tl.leiden(flavor="igraph") calls it, and how the two sides agree."""
import json
import random
import re
import sys
import time

import numpy as np
from scanpy._utils import get_igraph_from_adjacency
from sklearn.metrics import adjusted_rand_score

from shared.scanpy_graph import load, read_graph

folder = sys.argv[1]
resolutions = [float(word) for word in sys.argv[2:]]
graph, _, labels = read_graph(folder)
strength = np.asarray(graph.sum(axis=1), dtype=float).ravel()
edges = graph.tocoo()


def modularity(clusters, resolution):
    inside = edges.data[clusters[edges.row] == clusters[edges.col]].astype(float).sum()
    share = np.bincount(clusters, strength) / strength.sum()
    return inside / strength.sum() - resolution * (share**2).sum()


def clustering(prepared, resolution, seed):
    random.seed(seed)
    return np.array(prepared.community_leiden(
        objective_function="modularity", weights="weight", resolution=resolution, n_iterations=2
    ).membership)


start = time.perf_counter()
prepared = get_igraph_from_adjacency(graph, directed=False)
marks = [time.perf_counter()]
found = []
for resolution in resolutions:
    found.append(clustering(prepared, resolution, 0))
    marks.append(time.perf_counter())
seconds = marks[-1] - start
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
agreement = []
for resolution, theirs in zip(resolutions, found):
    ours = load(folder, f"clusters_{resolution:g}", "<i4")
    again = clustering(prepared, resolution, 1)
    agreement.append({
        "resolution": resolution,
        "modularity": [modularity(clusters, resolution) for clusters in (ours, theirs, again)],
        "clusters": [int(clusters.max()) + 1 for clusters in (ours, theirs, again)],
        "ari": adjusted_rand_score(ours, theirs),
        "seedToSeed": adjusted_rand_score(theirs, again),
        "truth": [adjusted_rand_score(labels, clusters) for clusters in (ours, theirs, again)],
    })
steps = {"build": marks[0] - start}
for resolution, before, after in zip(resolutions, marks, marks[1:]):
    steps[f"{resolution:g}"] = after - before
print(json.dumps({"seconds": seconds, "steps": steps, "peakMb": peak, "agreement": agreement}))
