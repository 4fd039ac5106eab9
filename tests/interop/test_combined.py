"""Nuclei and cells of a simulated slide combined, opened with the tools of the field, and done again in numpy."""

import os
import warnings
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import spatialdata

warnings.filterwarnings("ignore")
STORE = Path(os.environ["STHELAR_INTEROP_OUT"]) / "heart_s0" / "sdata_heart_s0.zarr"
TABLES = STORE / "tables"

pytestmark = pytest.mark.skipif(
    not (TABLES / "table_combined").exists(), reason="no simulated slide with combined labels"
)


@pytest.fixture(scope="module")
def table():
    return ad.read_zarr(TABLES / "table_combined")


@pytest.fixture(scope="module")
def nuclei():
    return ad.read_zarr(TABLES / "table_nuclei")


@pytest.fixture(scope="module")
def cells():
    return ad.read_zarr(TABLES / "table_cells")


@pytest.fixture(scope="module")
def blocks(table):
    """Weighted components of the combined cells, nuclei first."""
    kept = table[np.isfinite(table.obsm["X_pca"]).all(1)]
    return [
        kept[:, (kept.var.block == name).to_numpy()].X.toarray().astype(np.float64)
        for name in ("nucleus", "cytoplasm")
    ]


def counts(table, ids, genes):
    rows = table[pd.Index(table.obs.cell_id).get_indexer(ids)]
    return rows[:, genes].X.toarray().astype(np.float64)


def test_table_has_the_published_columns(table, nuclei):
    leiden = [name for name in table.obs if "_leiden_res" in name]
    assert list(table.obs) == [
        *["region", "slide", "cell_id", "area", "ct_tangram", "transcript_counts", "transcript_cat"],
        *["final_label_nuclei", "final_label_cells", "label1_nuclei", "label1_cells"],
        *leiden,
        "final_label_combined",
    ]
    assert not table.layers
    assert set(table.obsm) == {"X_pca", "X_umap", "spatial", "tangram_pred"}
    assert table.shape == (nuclei.n_obs, nuclei.n_vars + (table.var.block != "feature").sum())
    assert list(table.var_names[table.var.block == "feature"]) == list(nuclei.var_names)
    assert set(table.obs.region) == {"cell_boundaries"}


def test_rows_are_sorted_and_those_left_out_are_less10(table, cells):
    kept = np.isfinite(table.obsm["X_pca"]).all(1)
    assert kept[: kept.sum()].all()
    ids = list(table.obs.cell_id)
    assert ids[: kept.sum()] == sorted(ids[: kept.sum()])
    assert ids[kept.sum() :] == sorted(ids[kept.sum() :])
    enough = cells.obs.set_index("cell_id").transcript_counts > 10
    np.testing.assert_array_equal(enough.reindex(ids, fill_value=False), kept)
    for name in ("final_label_combined", "final_label_nuclei", "final_label_cells"):
        assert (table.obs[name][~kept] == "Less10").all()
    assert (table.obs.final_label_combined[kept] != "Less10").all()


def test_left_out_rows_have_their_nuclear_counts(table, nuclei):
    out = table[~np.isfinite(table.obsm["X_pca"]).all(1)]
    features = out[:, (out.var.block == "feature").to_numpy()].X.toarray()
    found = counts(nuclei, out.obs.cell_id, list(nuclei.var_names))
    np.testing.assert_array_equal(features, found)


def test_transcripts_are_those_of_common_genes_in_nuclei(table, nuclei, cells):
    genes = [gene for gene in nuclei.var_names if gene in set(cells.var_names)]
    totals = counts(nuclei, table.obs.cell_id, genes).sum(1)
    np.testing.assert_array_equal(table.obs.transcript_counts, totals)


def test_both_blocks_have_a_largest_variance_of_1(blocks):
    for block in blocks:
        variance = np.var(block, axis=0, ddof=1)
        assert variance[0] == pytest.approx(1, abs=1e-4)
        assert (np.diff(variance) <= 1e-6).all()


def test_second_components_are_those_of_the_stored_blocks(table, blocks):
    both = np.hstack(blocks)
    values, vectors = np.linalg.eigh(np.cov(both.T))
    values, vectors = values[::-1], vectors[:, ::-1]
    stored = table.uns["pca"]
    np.testing.assert_allclose(stored["variance"], values[: len(stored["variance"])], rtol=1e-6)
    np.testing.assert_allclose(
        stored["variance_ratio"], stored["variance"] / values.sum(), rtol=1e-9
    )
    scores = (both - both.mean(0)) @ vectors[:, : len(stored["variance"])]
    kept = np.isfinite(table.obsm["X_pca"]).all(1)
    found = table.obsm["X_pca"][kept]
    signs = np.sign((scores * found).sum(0))
    np.testing.assert_allclose(found, scores * signs, atol=1e-4)


def test_blocks_are_scanpys_components_of_nuclei_and_cytoplasm(table, nuclei, cells, blocks):
    sc = pytest.importorskip("scanpy")
    ids = table.obs.cell_id[np.isfinite(table.obsm["X_pca"]).all(1)]
    genes = [gene for gene in nuclei.var_names if gene in set(cells.var_names)]
    inside, whole = counts(nuclei, ids, genes), counts(cells, ids, genes)
    for matrix, block in zip((inside, np.maximum(whole - inside, 0)), blocks):
        again = ad.AnnData(matrix.astype(np.float32))
        sc.pp.normalize_total(again, target_sum=1e4)
        sc.pp.log1p(again)
        sc.pp.scale(again, max_value=10)
        sc.pp.pca(again, n_comps=50, svd_solver="arpack")
        wanted = again.obsm["X_pca"][:, : block.shape[1]]
        wanted = wanted / np.sqrt(again.uns["pca"]["variance"][0])
        np.testing.assert_allclose(block, wanted, atol=2e-4 * np.abs(wanted).max())


def test_scanpy_draws_by_the_colours_of_the_store(table):
    sc = pytest.importorskip("scanpy")
    import matplotlib

    matplotlib.use("Agg")
    for name in ("final_label_combined", "final_label_cells", "final_label_nuclei"):
        colours = list(table.uns[f"{name}_colors"])
        categories = table.obs[name].cat.categories
        by_name = table.uns[f"{name}_colors_by_name"]
        assert colours == [by_name[category] for category in categories]
        drawn = table.copy()
        sc.pl.umap(drawn, color=name, show=False)
        assert list(drawn.uns[f"{name}_colors"]) == colours


def test_table_annotates_the_outlines_of_cells():
    sdata = spatialdata.read_zarr(STORE)
    outlines, joined = spatialdata.join_spatialelement_table(
        sdata=sdata,
        spatial_element_names="cell_boundaries",
        table_name="table_combined",
        how="inner",
    )
    assert len(outlines["cell_boundaries"]) == joined.n_obs == sdata.tables["table_combined"].n_obs
