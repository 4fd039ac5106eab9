"""Reads with spatialdata what `write_spatialdata.ts` wrote; `STHELAR_INTEROP_OUT` is its folder."""

import os
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

warnings.filterwarnings("ignore")

import spatialdata as sd  # noqa: E402
from shapely import MultiPolygon, Polygon  # noqa: E402
from spatialdata.models import Image2DModel, Labels2DModel  # noqa: E402
from spatialdata.transformations import get_transformation  # noqa: E402

OUT = Path(os.environ.get("STHELAR_INTEROP_OUT", "."))
STORE = OUT / "sdata_interop.zarr"

pytestmark = [
    pytest.mark.skipif(not STORE.exists(), reason="write_spatialdata.ts has not been run"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def sdata():
    return sd.read_zarr(STORE)


def pixels(channels, height, width, modulus, shift=0):
    c, y, x = np.ogrid[0:channels, 0:height, 0:width]
    x = x + shift
    return (c * 7919 + y * 104729 + x * 1299709 + ((y * x) % 1013) * 31) % modulus


def levels(tree):
    return [np.asarray(tree[f"scale{i}"]["image"].values) for i in range(len(tree.children))]


def matrix(element, system, axes=("x", "y")):
    return get_transformation(element, to_coordinate_system=system).to_affine_matrix(axes, axes)


def test_the_pyramid_of_a_halved_image_equals_the_one_of_spatialdata(sdata):
    level0 = pixels(2, 301, 450, 65536).astype(np.uint16)
    theirs = levels(Image2DModel.parse(level0, dims=("c", "y", "x"), scale_factors=[2, 2, 2, 2]))
    ours = levels(sdata["morpho"])
    assert [a.shape for a in ours] == [a.shape for a in theirs]
    for a, b in zip(ours, theirs):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    assert list(sdata["morpho"]["scale0"].c.values) == ["DAPI", "boundary"]


def test_given_levels_come_back_as_they_are(sdata):
    ours = levels(sdata["he"])
    assert [a.shape for a in ours] == [(3, 203, 150), (3, 102, 75), (3, 51, 38)]
    for level, a in enumerate(ours):
        np.testing.assert_array_equal(a, pixels(3, *a.shape[1:], 251, level).astype(np.uint8))
    assert list(sdata["he"]["scale0"].c.values) == ["r", "g", "b"]


def test_the_pyramid_of_labels_equals_the_one_of_spatialdata(sdata):
    level0 = pixels(1, 301, 450, 97)[0].astype(np.uint32)
    theirs = levels(Labels2DModel.parse(level0, dims=("y", "x"), scale_factors=[2, 2]))
    for a, b in zip(levels(sdata["nucleus_labels"]), theirs):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


def test_coordinate_systems_and_matrices(sdata):
    assert sorted(sdata.coordinate_systems) == ["_he_intrinsic", "_st_intrinsic", "global"]
    np.testing.assert_allclose(
        matrix(sdata["he"], "global"), [[1.1, -0.2, 30], [0.2, 1.1, 4], [0, 0, 1]]
    )
    np.testing.assert_allclose(matrix(sdata["he"], "_he_intrinsic"), np.eye(3))
    np.testing.assert_allclose(matrix(sdata["morpho"], "global"), np.eye(3))
    for name in ("st", "nucleus_boundaries"):
        np.testing.assert_allclose(matrix(sdata[name], "global"), np.diag([1 / 0.2125] * 2 + [1]))


def test_points_have_their_types_and_values(sdata):
    st = sdata["st"]
    assert st.attrs["spatialdata_attrs"] == {
        "feature_key": "feature_name",
        "instance_key": "cell_id",
    }
    assert str(st.dtypes["feature_name"]) == "category"
    assert st.dtypes["x"] == np.float32 and st.dtypes["transcript_id"] == np.uint64
    assert st.dtypes["overlaps_nucleus"] == bool
    rows = st.compute()
    i = np.arange(5000)
    assert list(rows.columns) == [
        "x", "y", "z", "feature_name", "cell_id", "transcript_id", "overlaps_nucleus", "qv",
    ]  # fmt: skip
    np.testing.assert_array_equal(rows.x, (i % 1000).astype(np.float32))
    np.testing.assert_array_equal(rows.y, (i // 10).astype(np.float32))
    assert list(rows.feature_name.astype(str)) == [f"gene_{n % 300}" for n in i]
    np.testing.assert_array_equal(rows.transcript_id, i)


def test_shapes_have_their_ids_columns_and_geometries(sdata):
    shapes = sdata["nucleus_boundaries"]
    assert shapes.index.name == "cell_id"
    assert list(shapes.index) == ["aaaaaaaa-1", "aaaaaaab-1", "aaaaaaac-1"]
    assert [type(g) for g in shapes.geometry] == [Polygon, MultiPolygon, Polygon]
    np.testing.assert_allclose(shapes.geometry.area, shapes["area"])
    assert shapes.crs is None
    assert shapes["label"].dtype == np.uint32 and shapes["is_edge"].dtype == bool
    assert isinstance(shapes["kind"].dtype, pd.CategoricalDtype)
    assert list(shapes["kind"].astype(object))[:2] == ["B", "T"] and pd.isna(shapes["kind"].iloc[2])
    assert [list(b) for b in shapes["bbox"]] == [[0, 0, 4, 4], [10, 0, 23, 3], [5, 5, 8, 8]]


def test_the_table_annotates_its_shapes(sdata):
    table = sdata["table_nuclei"]
    np.testing.assert_array_equal(table.X, [[1, 0], [2, 3], [0, 4]])
    assert table.uns["spatialdata_attrs"] == {
        "region": "nucleus_boundaries",
        "region_key": "region",
        "instance_key": "cell_id",
    }
    element, matched = sd.join_spatialelement_table(
        sdata=sdata, spatial_element_names="nucleus_boundaries", table_name="table_nuclei"
    )
    assert len(matched) == 3 and len(element["nucleus_boundaries"]) == 3


def test_the_description_is_the_one_of_python(sdata):
    ours = (OUT / "sdata_interop.txt").read_text()
    assert ours.split("\n")[1:] == repr(sdata).split("\n")[1:]


def test_attributes_are_kept(sdata):
    assert sdata.attrs == {"simulated": True}


def test_python_can_write_it_again_and_query_it(sdata, tmp_path):
    sd.read_zarr(STORE).write(tmp_path / "again.zarr")
    again = sd.read_zarr(tmp_path / "again.zarr")
    assert repr(again).split("\n")[1:] == repr(sdata).split("\n")[1:]
    assert list(again["nucleus_boundaries"]["label"]) == [1, 2, 3]
    box = sd.bounding_box_query(
        sdata,
        axes=("x", "y"),
        min_coordinate=[0, 0],
        max_coordinate=[30, 30],
        target_coordinate_system="global",
    )
    assert list(box["nucleus_boundaries"].index) == ["aaaaaaaa-1", "aaaaaaac-1"]


def test_the_zip_has_the_store_inside(sdata, tmp_path):
    with zipfile.ZipFile(OUT / "sdata_interop.zarr.zip") as archive:
        assert archive.testzip() is None
        assert all(name.startswith("sdata_interop.zarr/") for name in archive.namelist())
        archive.extractall(tmp_path)
    unpacked = sd.read_zarr(tmp_path / "sdata_interop.zarr")
    assert repr(unpacked).split("\n")[1:] == repr(sdata).split("\n")[1:]
