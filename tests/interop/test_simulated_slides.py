"""Stores of simulated bundles: their elements equal those that spatialdata-io reads."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
import shapely
import spatialdata
import spatialdata_io
import xarray
from spatialdata.transformations import get_transformation

OUT = Path(os.environ["STHELAR_INTEROP_OUT"])


@pytest.fixture(scope="module", params=["v2.0", "v2.0-kit", "v3.0", "v4.0"])
def both(request):
    name = f"simulated_{request.param.replace('.', '_')}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = spatialdata_io.xenium(
            OUT / "simulated" / request.param, cells_labels=False, nucleus_labels=False
        )
    return spatialdata.read_zarr(OUT / name / f"sdata_{name}.zarr"), theirs


def matrix(element):
    return get_transformation(element, "global").to_affine_matrix(("x", "y"), ("x", "y"))


def finest(image):
    """Level 0; spatialdata gives an image with one level as an array, not as a tree."""
    return (image["scale0"].image if isinstance(image, xarray.DataTree) else image).to_numpy()


def test_morphology_is_the_same(both):
    ours, theirs = both[0].images["morpho"], both[1].images["morphology_focus"]
    assert list(ours) == list(theirs)
    for level in ours:
        np.testing.assert_array_equal(
            ours[level].image.to_numpy(), theirs[level].image.to_numpy(), err_msg=level
        )
    assert [c.lower() for c in ours["scale0"].image.c.to_numpy()] == [
        c.lower() for c in theirs["scale0"].image.c.to_numpy()
    ]
    np.testing.assert_allclose(matrix(ours), matrix(theirs))


def test_he_is_the_same_and_lies_at_the_same_place(both):
    ours, theirs = both[0].images["he"], both[1].images["he_image"]
    np.testing.assert_array_equal(finest(ours), finest(theirs))
    np.testing.assert_allclose(matrix(ours), matrix(theirs))


def test_transcripts_are_the_same(both):
    ours, theirs = both[0].points["st"], both[1].points["transcripts"]
    np.testing.assert_allclose(matrix(ours), matrix(theirs))
    ours, theirs = ours.compute(), theirs.compute()
    assert set(ours.columns) == set(theirs.columns)
    for column in ours.columns:
        left, right = ours[column], theirs[column]
        if column in ("feature_name", "codeword_category", "fov_name", "cell_id"):
            left, right = left.astype(str), right.astype(str)
        np.testing.assert_array_equal(left.to_numpy(), right.to_numpy(), err_msg=column)


def test_nuclei_are_the_same(both):
    ours, theirs = both[0].shapes["nucleus_boundaries"], both[1].shapes["nucleus_boundaries"]
    cells = both[0].tables["table_nuclei"].obs.xenium_cell_id
    assert set(cells) == set(theirs.cell_id)
    parts = ours.assign(cell_id=cells.to_numpy()).explode(index_parts=False)
    assert len(parts) == len(theirs)
    order = lambda frame: frame.assign(wkb=shapely.to_wkb(frame.geometry.to_numpy())).sort_values(
        ["cell_id", "wkb"]
    )
    left, right = order(parts), order(theirs)
    assert list(left.cell_id) == list(right.cell_id)
    assert shapely.equals_exact(left.geometry.to_numpy(), right.geometry.to_numpy(), 0).all()
    np.testing.assert_allclose(matrix(both[0].shapes["nucleus_boundaries"]), matrix(theirs))


def test_cells_are_the_same(both):
    ours, theirs = both[0].shapes["cell_boundaries"], both[1].shapes["cell_boundaries"]
    cells = both[0].tables["table_cells"].obs.set_index("cell_id").xenium_cell_id[ours.index]
    assert set(cells) == set(both[0].tables["table_nuclei"].obs.xenium_cell_id)
    theirs = theirs.loc[cells]
    assert shapely.equals_exact(ours.geometry.to_numpy(), theirs.geometry.to_numpy(), 0).all()
    np.testing.assert_allclose(matrix(ours), matrix(theirs))


def test_table_of_cells_is_the_same(both):
    ours, theirs = both[0].tables["table_cells"], both[1].tables["table"]
    ids = ours.obs.xenium_cell_id
    theirs = theirs[theirs.obs.set_index("cell_id", drop=False).index.get_indexer(ids)]
    np.testing.assert_array_equal(ours.X.toarray(), theirs.X.toarray())
    np.testing.assert_array_equal(ours.obsm["spatial"], theirs.obsm["spatial"])
    described = ours.var[list(theirs.var.columns)]
    assert described.equals(theirs.var.astype(described.dtypes.to_dict()))
    assert {*theirs.obs, "xenium_cell_id"} <= set(ours.obs)
    for column in set(theirs.obs) - {"cell_id", "region"}:
        left, right = ours.obs[column], theirs.obs[column]
        if column == "segmentation_method":
            left, right = left.astype(str), right.astype(str)
        np.testing.assert_array_equal(left.to_numpy(), right.to_numpy(), err_msg=column)


def test_table_of_cells_annotates_the_cells(both):
    elements, table = spatialdata.join_spatialelement_table(
        sdata=both[0], spatial_element_names="cell_boundaries", table_name="table_cells"
    )
    assert table.n_obs == len(elements["cell_boundaries"]) == len(both[0].tables["table_cells"])
    nuclei = both[0].shapes["nucleus_boundaries"]
    assert list(nuclei.index) == list(elements["cell_boundaries"].index)
    inside = shapely.contains(
        elements["cell_boundaries"].geometry.to_numpy(), nuclei.geometry.centroid.to_numpy()
    )
    assert inside.mean() > 0.9
