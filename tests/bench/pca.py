"""The twin of pca.ts: scanpy on the same counts, printed as JSON; writes its loadings and scores."""
import json
import re
import sys
import time
import warnings

import anndata as ad
import numba
import numpy as np
import scanpy as sc
import scipy.sparse as sp
import threadpoolctl

warnings.filterwarnings("ignore")
folder = sys.argv[1]
genes, components, threads = map(int, sys.argv[2:])
numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
threadpoolctl.threadpool_limits(threads)


def load(name, dtype):
    return np.fromfile(f"{folder}/{name}", dtype=dtype)


def prepare(counts):
    """From counts to log-normalised values, as the original does."""
    adata = ad.AnnData(counts)
    sc.pp.normalize_total(adata, target_sum=1e4)
    sc.pp.log1p(adata)
    return adata


def reduce(adata, components):
    """From log-normalised values to components, as the original does."""
    sc.pp.scale(adata, max_value=10)
    scaled = time.perf_counter()
    sc.pp.pca(adata, n_comps=components, svd_solver="arpack")
    return scaled


# Compiles what is compiled on first use.
tiny = sp.random(60, genes, 0.5, format="csr", dtype="float32", random_state=1)
reduce(prepare(tiny), 5)
del tiny

indptr = load("indptr", "<i4")
counts = sp.csr_matrix(
    (load("data", "<f4"), load("indices", "<i4"), indptr), shape=(len(indptr) - 1, genes)
)
start = time.perf_counter()
adata = prepare(counts)
normalised = time.perf_counter()
scaled = reduce(adata, components)
end = time.perf_counter()
np.asarray(adata.varm["PCs"], dtype="<f8").tofile(f"{folder}/loadings_scanpy")
np.asarray(adata.obsm["X_pca"], dtype="<f4").tofile(f"{folder}/scores_scanpy")
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({
    "seconds": end - normalised,
    "steps": {
        "normalise": normalised - start,
        "scale": scaled - normalised,
        "pca": end - scaled,
    },
    "peakMb": peak,
    "variance": adata.uns["pca"]["variance"].tolist(),
}))
