"""The latent space of a simulated slide, opened with the tools of the field, and what they make of it."""

import json
import os
import uuid
import warnings
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import spatialdata

sc = pytest.importorskip("scanpy")
warnings.filterwarnings("ignore")
SLIDE = Path(os.environ["STHELAR_INTEROP_OUT"]) / "heart_s0"
STORE = SLIDE / "sdata_heart_s0.zarr"
TENX = ["cell_id", "transcript_counts", "control_probe_counts", "control_codeword_counts"]

pytestmark = pytest.mark.skipif(
    not (STORE / "tables" / "table_scvi").exists(), reason="no simulated slide with a latent space"
)


@pytest.fixture(scope="module")
def table():
    return ad.read_zarr(STORE / "tables" / "table_scvi")


@pytest.fixture(scope="module")
def rows(table):
    """Cells that the model was trained on, as scanpy is given them."""
    return table[table.obs["_scvi_batch"].notna().to_numpy()].copy()


def test_table_has_the_published_keys(table):
    assert list(table.obs)[:4] == TENX
    assert {"_scvi_batch", "_scvi_labels", "label1", "region"} <= set(table.obs)
    assert not {"refine_res", "label2", "xenium_cell_id"} & set(table.obs)
    assert set(table.layers) == {"counts"}
    assert set(table.obsm) == {"X_scVI", "X_umap", "spatial"}
    assert set(table.obsp) == {"connectivities", "distances"}
    own = {"neighbors", "umap", "_scvi_uuid", "_scvi_manager_uuid"}
    assert set(table.uns) == own | {"label1_colors", "spatialdata_attrs"}
    for key in ("_scvi_uuid", "_scvi_manager_uuid"):
        assert str(uuid.UUID(table.uns[key])) == table.uns[key]


def test_rows_are_those_of_the_table_of_cells(table):
    cells = ad.read_zarr(STORE / "tables" / "table_cells")
    np.testing.assert_array_equal(table.obs_names, cells.obs_names)
    np.testing.assert_array_equal(table.obs.cell_id, cells.obs.cell_id)
    np.testing.assert_array_equal(table.var_names, cells.var_names)
    np.testing.assert_array_equal(table.layers["counts"].toarray(), cells.X.toarray())
    np.testing.assert_array_equal(table.obsm["spatial"], cells.obsm["spatial"])
    labelled = (cells.obs.label1.notna() & (cells.obs.label1 != "less10")).to_numpy()
    both = [frame.label1.astype(str)[labelled] for frame in (table.obs, cells.obs)]
    np.testing.assert_array_equal(*both)


def test_rows_of_few_transcripts_have_no_values(table):
    is_kept = (table.obs.transcript_counts > 10).to_numpy()
    for column in ("_scvi_batch", "_scvi_labels"):
        np.testing.assert_array_equal(table.obs[column].notna(), is_kept)
        assert (table.obs[column].dropna() == 0).all()
    assert isinstance(table.obs.label1.dtype, pd.CategoricalDtype)
    np.testing.assert_array_equal(table.obs.label1 == "less10", ~is_kept)
    for layout in ("X_scVI", "X_umap"):
        np.testing.assert_array_equal(np.isfinite(table.obsm[layout]).all(1), is_kept)
    for matrix in (table.X, table.obsp["connectivities"]):
        np.testing.assert_array_equal(np.diff(matrix.tocsr().indptr) > 0, is_kept)


def test_values_are_those_that_scanpy_normalises(rows):
    again = ad.AnnData(rows.layers["counts"].astype(np.float32))
    sc.pp.normalize_total(again, target_sum=1e4)
    sc.pp.log1p(again)
    np.testing.assert_allclose(rows.X.toarray(), again.X.toarray(), atol=1e-5)


def test_graph_is_that_of_scanpy(rows):
    again = ad.AnnData(obs=rows.obs[[]], obsm={"X_scVI": rows.obsm["X_scVI"]})
    sc.pp.neighbors(again, use_rep="X_scVI")
    ours, theirs = rows.uns["neighbors"], again.uns["neighbors"]
    assert {key: ours["params"][key] for key in theirs["params"]} == theirs["params"]
    assert {**ours, "params": 0} == {**theirs, "params": 0}
    for kind in ("connectivities", "distances"):
        scale = max(1, again.obsp[kind].max())
        found, wanted = (of.obsp[kind].toarray() / scale for of in (rows, again))
        differing = np.abs(found - wanted).max(1) > 1e-4
        # Neighbours that are equally far by float32 may be taken in another order.
        assert differing.mean() < 0.002, kind


def test_scanpy_clusters_and_lays_out_the_stored_graph(rows):
    pytest.importorskip("igraph")
    (name,) = [column for column in rows.obs if column.startswith("scvi_leiden_res")]
    resolution = float(name.rsplit("res", 1)[1])
    weights = rows.obsp["connectivities"].tocoo()
    strength = np.asarray(weights.tocsr().sum(axis=1)).ravel()

    def modularity(clusters):
        inside = weights.data[clusters[weights.row] == clusters[weights.col]].sum()
        share = np.bincount(clusters, strength) / strength.sum()
        return inside / strength.sum() - resolution * (share**2).sum()

    def by_scanpy(seed):
        again = rows.copy()
        options = dict(flavor="igraph", n_iterations=2, directed=False, random_state=seed)
        sc.tl.leiden(again, resolution, **options)
        return again.obs.leiden.cat.codes.to_numpy()

    # Clusters of a graph that is not clear-cut differ between seeds, their modularity hardly does.
    theirs = [modularity(by_scanpy(seed)) for seed in range(4)]
    assert modularity(rows.obs[name].cat.codes.to_numpy()) >= min(theirs) - 3e-3
    a, b = (rows.uns["umap"]["params"][key] for key in "ab")
    again = rows.copy()
    sc.tl.umap(again, min_dist=0.3, maxiter=5)
    assert again.uns["umap"]["params"]["a"] == pytest.approx(a, rel=1e-3)
    assert again.uns["umap"]["params"]["b"] == pytest.approx(b, rel=1e-3)


def test_scanpy_draws_by_the_colours_of_the_store(table):
    import matplotlib

    matplotlib.use("Agg")
    before = list(table.uns["label1_colors"])
    assert len(before) == len(table.obs.label1.cat.categories)
    drawn = table.copy()
    sc.pl.umap(drawn, color="label1", show=False)
    assert list(drawn.uns["label1_colors"]) == before


def test_table_annotates_the_outlines_of_cells():
    sdata = spatialdata.read_zarr(STORE)
    outlines, joined = spatialdata.join_spatialelement_table(
        sdata=sdata, spatial_element_names="cell_boundaries", table_name="table_scvi", how="inner"
    )
    assert len(outlines["cell_boundaries"]) == joined.n_obs == sdata.tables["table_scvi"].n_obs


def test_model_opens_and_places_cells_where_the_table_has_them(rows):
    """The encoder of scvi-tools, by the names of its tensors, in numpy."""
    load_file = pytest.importorskip("safetensors.numpy").load_file
    key = json.loads((SLIDE / "manifest.json").read_text())["stages"]["2-06"]["key"][:12]
    tensors = load_file(SLIDE / "stages" / f"2-06-{key}" / "nodes/models/scvi.safetensors")
    assert not list(STORE.rglob("*.safetensors"))
    first = "z_encoder.encoder.fc_layers.Layer 0"
    assert tensors["px_r"].shape == (rows.n_vars,)
    x = np.log1p(rows.layers["counts"].toarray().astype(np.float64))
    hidden = x @ tensors[f"{first}.0.weight"].T + tensors[f"{first}.0.bias"]
    deviation = np.sqrt(tensors[f"{first}.1.running_var"] + 1e-3)
    hidden = (hidden - tensors[f"{first}.1.running_mean"]) / deviation
    hidden = np.maximum(hidden * tensors[f"{first}.1.weight"] + tensors[f"{first}.1.bias"], 0)
    places = hidden @ tensors["z_encoder.mean_encoder.weight"].T + tensors["z_encoder.mean_encoder.bias"]
    np.testing.assert_allclose(rows.obsm["X_scVI"], places, atol=1e-3)
