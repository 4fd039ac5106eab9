"""The twin of umap_layout.ts: umap-learn as scanpy's tl.umap calls it, compiled before; and both sides' quality."""
import json
import re
import sys
import time

import numpy as np
import scipy.sparse
from sklearn.metrics import silhouette_score
from umap.umap_ import find_ab_params, simplicial_set_embedding

from shared.scanpy_graph import load, read_graph

NEIGHBOURS = 15
SAMPLED = 1500

folder = sys.argv[1]
graph, points, labels = read_graph(folder)


def lay_out(graph, points, seed):
    a, b = find_ab_params(1.0, 0.5)
    return simplicial_set_embedding(
        data=points,
        graph=graph.tocoo(),
        n_components=2,
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=5,
        n_epochs=500 if graph.shape[0] <= 10000 else 200,
        init="spectral",
        random_state=np.random.RandomState(seed),
        metric="euclidean",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
    )[0]


def trustworthiness(layout):
    """As scikit-learn's, over some of the rows."""
    rows = len(points)
    penalty = 0
    sampled = np.random.default_rng(0).choice(rows, min(SAMPLED, rows), replace=False)
    for row in sampled:
        distance = ((points - points[row]) ** 2).sum(axis=1)
        apart = ((layout - layout[row]) ** 2).sum(axis=1)
        distance[row] = apart[row] = -1
        nearest = np.argpartition(apart, NEIGHBOURS + 1)[: NEIGHBOURS + 1]
        nearest = nearest[nearest != row][:NEIGHBOURS]
        rank = np.searchsorted(np.sort(distance), distance[nearest])
        penalty += np.maximum(0, rank - NEIGHBOURS).sum()
    return 1 - 2 / (len(sampled) * NEIGHBOURS * (2 * rows - 3 * NEIGHBOURS - 1)) * penalty


def quality(layout):
    silhouette = silhouette_score(layout, labels, sample_size=3000, random_state=0)
    return {"trustworthiness": float(trustworthiness(layout)), "silhouette": float(silhouette)}


few = scipy.sparse.random(500, 500, 0.05, format="csr", random_state=0)
lay_out((few + few.T).tocsr(), points[:500], 0)
start, cpu = time.perf_counter(), time.process_time()
theirs = lay_out(graph, points, 0)
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
ours = load(folder, "layout", "<f4").reshape(-1, 2)
print(json.dumps({
    "seconds": seconds,
    "steps": {"cpu": cpu},
    "peakMb": peak,
    "ours": quality(ours),
    "theirs": quality(theirs),
}))
