"""Scanpy reads the ranked genes that write_rank_genes.ts wrote, and finds the same ones itself."""
import os
import warnings
from pathlib import Path

import anndata as ad
import numpy as np
import pytest

sc = pytest.importorskip("scanpy")
warnings.filterwarnings("ignore")
OUT = Path(os.environ["STHELAR_INTEROP_OUT"]) / "rank_genes"


def read(name):
    return ad.read_zarr(OUT / name) if name.endswith(".zarr") else ad.read_h5ad(OUT / name)


@pytest.mark.parametrize("name", ["table.zarr", "table.h5ad"])
@pytest.mark.parametrize("key", ["plain", "tie_corrected"])
def test_frame_is_equal_to_that_of_scanpy(name, key):
    table = read(name)
    sc.tl.rank_genes_groups(
        table, "type", method="wilcoxon", tie_correct=key == "tie_corrected", pts=True, key_added="theirs"
    )
    order = ["group", "names"]
    own, theirs = (
        sc.get.rank_genes_groups_df(table, None, key=k).sort_values(order).reset_index(drop=True)
        for k in (key, "theirs")
    )
    assert own.dtypes.to_dict() == theirs.dtypes.to_dict()
    assert own[order].equals(theirs[order])
    for column in ("scores", "logfoldchanges"):
        np.testing.assert_allclose(own[column], theirs[column], rtol=1e-6, atol=1e-6)
    for column in ("pvals", "pvals_adj", "pct_nz_group", "pct_nz_reference"):
        np.testing.assert_allclose(own[column], theirs[column], rtol=1e-10)


@pytest.mark.parametrize("name", ["table.zarr", "table.h5ad"])
def test_layout_is_that_of_scanpy(name):
    table = read(name)
    sc.tl.rank_genes_groups(table, "type", method="wilcoxon", pts=True, key_added="theirs")
    own, theirs = table.uns["plain"], table.uns["theirs"]
    assert set(own) == set(theirs)
    assert own["params"] == theirs["params"]
    for key in ("names", "scores", "pvals", "pvals_adj", "logfoldchanges"):
        assert own[key].dtype == theirs[key].dtype and own[key].shape == theirs[key].shape
    assert (np.diff(own["scores"]["type 0"]) <= 0).all()


def test_scanpy_filters_them():
    table = read("table.h5ad")
    sc.tl.filter_rank_genes_groups(table, key="plain", key_added="few", min_fold_change=1.5)
    few = sc.get.rank_genes_groups_df(table, "type 0", key="few").dropna()
    assert 0 < len(few) < 60
