"""The twin of neighbours.ts: scanpy's pp.neighbors on the same scores, printed as JSON."""
import json
import re
import sys
import time
import warnings

import anndata as ad
import numba
import numpy as np
import scanpy as sc

warnings.filterwarnings("ignore")
folder = sys.argv[1]
components, threads, neighbours = map(int, sys.argv[2:])
numba.set_num_threads(threads)
sc.settings.n_jobs = threads

scores = np.fromfile(f"{folder}/scores", dtype="<f4").reshape(-1, components)
adata = ad.AnnData(np.zeros((len(scores), 1), dtype=np.float32), obsm={"X_pca": scores})


def run():
    sc.pp.neighbors(adata, n_neighbors=neighbours, n_pcs=components, use_rep="X_pca")


run()  # Compiles what is compiled on first use.
start, cpu_start = time.perf_counter(), time.process_time()
run()
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu_start

# Entries of a row: scanpy stores pynndescent's neighbours + 1 with the point itself.
distances = adata.obsp["distances"]
rows = np.full((len(scores), neighbours), -1, dtype=np.int32)
rows[:, 0] = np.arange(len(scores))
for i in range(len(scores)):
    own = slice(distances.indptr[i], distances.indptr[i + 1])
    order = distances.indices[own][np.argsort(distances.data[own], kind="stable")]
    others = order[order != i][: neighbours - 1]
    rows[i, 1 : 1 + len(others)] = others
rows.tofile(f"{folder}/scanpy")
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({"seconds": seconds, "steps": {"cpu": cpu}, "peakMb": peak}))
