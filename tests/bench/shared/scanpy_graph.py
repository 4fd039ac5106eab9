"""Makes scanpy's graph of the counts in a folder (see synthetic_counts.ts), and reads it again.

As step 2-3: 10,000 a row, log1p, scaled to 10, 50 principal components, neighbours by 16 of them.
"""
import sys

import numpy as np
import scipy.sparse

COMPONENTS = 16
NEIGHBOURS = 10


def load(folder, name, dtype):
    return np.fromfile(f"{folder}/{name}", dtype=dtype)


def read_graph(folder):
    """Weights by rows, points and planted labels."""
    labels = load(folder, "labels", "<i4")
    rows = len(labels)
    parts = load(folder, "weights", "<f4"), load(folder, "neighbours", "<i4"), load(folder, "starts", "<i4")
    points = load(folder, "points", "<f4").reshape(rows, COMPONENTS)
    return scipy.sparse.csr_matrix(parts, shape=(rows, rows)), points, labels


def make_graph(folder, genes):
    import anndata
    import scanpy as sc

    parts = load(folder, "data", "<f4"), load(folder, "indices", "<i4"), load(folder, "indptr", "<i4")
    table = anndata.AnnData(scipy.sparse.csr_matrix(parts, shape=(len(parts[2]) - 1, genes)))
    sc.pp.normalize_total(table, target_sum=1e4)
    sc.pp.log1p(table)
    sc.pp.scale(table, max_value=10)
    sc.pp.pca(table, 50)
    sc.pp.neighbors(table, n_neighbors=NEIGHBOURS, n_pcs=COMPONENTS)
    graph = table.obsp["connectivities"].tocsr()
    graph.sort_indices()
    graph.data.astype("<f4").tofile(f"{folder}/weights")
    graph.indices.astype("<i4").tofile(f"{folder}/neighbours")
    graph.indptr.astype("<i4").tofile(f"{folder}/starts")
    table.obsm["X_pca"][:, :COMPONENTS].astype("<f4").tofile(f"{folder}/points")


if __name__ == "__main__":
    make_graph(sys.argv[1], int(sys.argv[2]))
