"""Annotations of a simulated and a real slide, opened with the tools of the field, and made again by pandas."""

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import spatialdata

sc = pytest.importorskip("scanpy")
warnings.filterwarnings("ignore")
OUT = Path(os.environ["STHELAR_INTEROP_OUT"])
SLIDES = {"heart_s0": "simulated", "pancreas": "real"}
TABLES = ["table_nuclei", "table_cells"]
COLOURS = {
    "T_NK": "#ff0f0f",
    "B_Plasma": "#ff8f0f",
    "Myeloid": "#ffd30f",
    "Blood_vessel": "#468000",
    "Fibroblast_Myofibroblast": "#9cff24",
    "Epithelial": "#39d085",
    "Specialized": "#45edff",
    "Melanocyte": "#16a9df",
    "Stem_like": "#1645df",
    "Glioblastoma": "#8237eb",
    "Unknown": "#000000",
    "Less10": "#8f8f8f",
}


def open_slide(name):
    store = OUT / name / f"sdata_{name}.zarr"
    if not (store / "tables" / "table_cells" / "obs" / "transcript_cat").exists():
        pytest.skip(f"no annotated {SLIDES[name]} slide {name}")
    return spatialdata.read_zarr(store)


@pytest.fixture(scope="module", params=SLIDES)
def sdata(request):
    return open_slide(request.param)


@pytest.fixture(scope="module", params=TABLES)
def table(request, sdata):
    return sdata.tables[request.param]


def test_bins_are_those_of_pandas(table):
    bins = table.obs.transcript_cat
    assert isinstance(bins.dtype, pd.CategoricalDtype) and bins.cat.ordered
    theirs = pd.qcut(table.obs.transcript_counts, 7, labels=False, duplicates="drop")
    np.testing.assert_array_equal(bins.astype(int), theirs)
    sums = table.layers["count"].sum(axis=1)
    if table.obs["region"].iloc[0].startswith("nucleus"):
        np.testing.assert_array_equal(table.obs.transcript_counts, np.asarray(sums).ravel())


def test_logarithms_are_those_of_numpy(table):
    theirs = np.log1p(table.obs.transcript_counts)
    np.testing.assert_allclose(table.obs.transcript_counts_log, theirs, rtol=1e-14)


def test_less10_is_what_has_no_more_than_10_transcripts(table):
    few = (table.obs.transcript_counts <= 10).to_numpy()
    for column in ("label1", "label2", "label3"):
        np.testing.assert_array_equal(table.obs[column] == "less10", few)
    np.testing.assert_array_equal(table.obs.final_label == "Less10", few)
    np.testing.assert_array_equal(table.obs.refine_res.isna(), few)


def test_one_combination_of_labels_has_one_final_label(table):
    labels = table.obs.groupby(["label1", "label2", "label3"], observed=True).final_label.nunique()
    assert (labels == 1).all()


def test_colours_follow_the_categories(table):
    categories = list(table.obs.final_label.cat.categories)
    assert categories == sorted(categories) and set(categories) <= set(COLOURS)
    assert list(table.uns["final_label_colors"]) == [COLOURS[name] for name in categories]
    assert table.uns["final_label_colors_by_name"] == COLOURS


def test_scanpy_draws_with_these_colours(table):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.colors import to_hex

    rows = table[table.obs.refine_res.notna().to_numpy()].copy()
    axes = sc.pl.umap(rows, color="final_label", show=False)
    (points,) = [c for c in axes.collections if len(c.get_offsets()) == rows.n_obs]
    drawn = {to_hex(colour) for colour in points.get_facecolors()}
    assert drawn == {COLOURS[name] for name in rows.obs.final_label.unique()}
    sc.pl.umap(rows, color=["label1", "transcript_cat", "transcript_counts_log"], show=False)


def test_tables_are_joined_by_cell_id(sdata):
    nuclei, cells = (sdata.tables[name].obs for name in TABLES)
    assert nuclei.cell_id.is_unique and cells.cell_id.is_unique
    both = nuclei.merge(cells, on="cell_id", suffixes=("_nuclei", "_cells"), validate="one_to_one")
    assert len(both) == len(nuclei) == len(cells)
    clustered = both[(both.final_label_nuclei != "Less10") & (both.final_label_cells != "Less10")]
    agree = clustered.final_label_nuclei.astype(str) == clustered.final_label_cells.astype(str)
    assert agree.mean() > 0.5
