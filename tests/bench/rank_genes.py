"""The twin of rank_genes.ts: scanpy on the same values, printed as JSON; writes its scores."""
import json
import re
import sys
import time
import warnings

import anndata as ad
import numba
import numpy as np
import pandas as pd
import scanpy as sc
import scipy.sparse as sp
import threadpoolctl

warnings.filterwarnings("ignore")
folder = sys.argv[1]
genes, threads = map(int, sys.argv[2:])
numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
threadpoolctl.threadpool_limits(threads)


def load(name, dtype):
    return np.fromfile(f"{folder}/{name}", dtype=dtype)


def rank(values, labels):
    adata = ad.AnnData(values)
    adata.obs["group"] = pd.Categorical(labels.astype(str))
    sc.tl.rank_genes_groups(
        adata, "group", method="wilcoxon", corr_method="benjamini-hochberg", pts=True
    )
    return adata.uns["rank_genes_groups"], adata.var_names


# Compiles what is compiled on first use.
tiny = sp.random(60, genes, 0.5, format="csr", dtype="float32", random_state=1)
rank(tiny, np.arange(60) % 3)
del tiny

indptr = load("indptr", "<i4")
values = sp.csr_matrix(
    (load("data", "<f4"), load("indices", "<i4"), indptr), shape=(len(indptr) - 1, genes)
)
labels = load("labels", "<i4")
start, cpu = time.perf_counter(), time.process_time()
found, names = rank(values, labels)
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
for key in ("scores", "pvals_adj", "logfoldchanges"):
    by_gene = [
        pd.Series(found[key][str(group)], index=found["names"][str(group)]).reindex(names)
        for group in range(labels.max() + 1)
    ]
    np.asarray(by_gene, dtype="<f8").tofile(f"{folder}/{key}_scanpy")
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({"seconds": seconds, "steps": {"cpu": cpu}, "peakMb": peak}))
