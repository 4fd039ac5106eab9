"""The stores of two real bundles, opened with the tools of the field and compared with the sources."""

import os
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import scanpy
import shapely
import spatialdata
import tifffile

OUT = Path(os.environ["STHELAR_INTEROP_OUT"])
DATA = Path(os.environ["STHELAR_TEST_DATA"])
BUNDLES = {"ileum": "xenium_ileum_tiny_outs", "pancreas": "xenium_pancreas_roiA"}

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="no real bundles; set STHELAR_TEST_DATA"
)


def open_store(name):
    return spatialdata.read_zarr(OUT / name / f"sdata_{name}.zarr")


@pytest.fixture(scope="module", params=list(BUNDLES))
def slide(request):
    return request.param, DATA / BUNDLES[request.param], open_store(request.param)


def nuclei_of(bundle):
    """One geometry a cell, in the order of the ids, read from the bundle with shapely alone."""
    table = pd.read_parquet(bundle / "nucleus_boundaries.parquet")
    ids = table.cell_id.map(lambda v: v.decode() if isinstance(v, bytes) else str(v))
    label = table.label_id if "label_id" in table else ids
    rings = table.assign(id=ids, label=label).groupby(["id", "label"], sort=True)
    polygons = rings.apply(
        lambda ring: shapely.Polygon(ring[["vertex_x", "vertex_y"]].to_numpy(dtype=float)),
        include_groups=False,
    )
    return polygons.groupby(level="id").apply(
        lambda parts: parts.iloc[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))
    )


def counts_of(bundle, nuclei, once):
    """Counts by geopandas' own join; `once` keeps the first nucleus of a transcript."""
    points = pd.read_parquet(bundle / "transcripts.parquet")
    names = points.feature_name.map(lambda v: v.decode() if isinstance(v, bytes) else str(v))
    frame = geopandas.GeoDataFrame(
        {"feature": names},
        geometry=shapely.points(
            points.x_location.to_numpy(dtype=float), points.y_location.to_numpy(dtype=float)
        ),
    )
    shapes = geopandas.GeoDataFrame({"row": np.arange(len(nuclei))}, geometry=list(nuclei))
    joined = frame.sjoin(shapes, predicate="intersects")
    if once:
        joined = joined.sort_values("row").groupby(level=0).first()
    features = sorted(names.unique())
    counts = np.zeros((len(nuclei), len(features)), dtype=int)
    codes = pd.Categorical(joined.feature, categories=features).codes
    np.add.at(counts, (joined.row.to_numpy(), codes), 1)
    return features, counts


def test_elements_and_coordinate_systems(slide):
    name, _, sdata = slide
    has_he = name == "pancreas"
    assert set(sdata.images) == ({"morpho", "he"} if has_he else {"morpho"})
    assert set(sdata.points) == {"st"}
    patches = {"he_patches"} if has_he else set()
    assert set(sdata.shapes) == {"nucleus_boundaries", "cell_boundaries"} | patches
    assert set(sdata.tables) == {"table_nuclei", "table_cells", "table_scvi", "table_combined"}
    assert set(sdata.coordinate_systems) == {"global", "_st_intrinsic"}
    assert sdata.attrs["sthelar"]["slide"] == name


def test_images_equal_tifffile(slide):
    _, bundle, sdata = slide
    files = sorted((bundle / "morphology_focus").glob("*.ome.tif"))
    image = sdata.images["morpho"]["scale0"].image
    assert image.dtype == np.uint16
    for channel, path in enumerate(files):
        with tifffile.TiffFile(path) as tif:
            expected = tif.pages[0].asarray()
        np.testing.assert_array_equal(image[channel].to_numpy(), expected)


def test_pyramid_equals_that_of_spatialdata(slide):
    _, _, sdata = slide
    ours = sdata.images["morpho"]
    theirs = spatialdata.models.Image2DModel.parse(
        ours["scale0"].image.to_numpy(), dims=("c", "y", "x"), scale_factors=[2, 2, 2, 2]
    )
    assert list(ours) == list(theirs)
    for level in theirs:
        np.testing.assert_array_equal(
            ours[level].image.to_numpy(), theirs[level].image.to_numpy(), err_msg=level
        )


def test_points_equal_the_bundle(slide):
    _, bundle, sdata = slide
    points = sdata.points["st"].compute()
    source = pd.read_parquet(bundle / "transcripts.parquet")
    assert len(points) == len(source)
    for ours, theirs in {"x": "x_location", "y": "y_location", "z": "z_location", "qv": "qv"}.items():
        assert points[ours].dtype == np.float32
        np.testing.assert_array_equal(points[ours].to_numpy(), source[theirs].to_numpy())
    assert isinstance(points.feature_name.dtype, pd.CategoricalDtype)
    names = source.feature_name.map(lambda v: v.decode() if isinstance(v, bytes) else str(v))
    assert (points.feature_name.astype(str).to_numpy() == names.to_numpy()).all()


def test_nuclei_equal_the_bundle(slide):
    _, bundle, sdata = slide
    ours = sdata.shapes["nucleus_boundaries"]
    theirs = nuclei_of(bundle)
    table = sdata.tables["table_nuclei"]
    assert list(table.obs.xenium_cell_id) == list(theirs.index)
    assert list(ours.index) == list(table.obs.cell_id)
    assert shapely.equals_exact(ours.geometry.to_numpy(), theirs.to_numpy(), 0).all()
    np.testing.assert_allclose(table.obs.area, shapely.area(theirs.to_numpy()), rtol=1e-9)
    centroids = shapely.get_coordinates(shapely.centroid(theirs.to_numpy()))
    np.testing.assert_allclose(table.obsm["spatial"], centroids, rtol=1e-9)


@pytest.mark.parametrize("parity", [False, True])
def test_counts_equal_geopandas(slide, parity):
    name, bundle, _ = slide
    table = open_store(f"{name}_parity" if parity else name).tables["table_nuclei"]
    features, counts = counts_of(bundle, nuclei_of(bundle), once=not parity)
    assert list(table.var_names) == features
    assert table.X.dtype == np.int32
    np.testing.assert_array_equal(table.X.toarray(), counts)


@pytest.mark.parametrize("parity", [False, True])
def test_cells_equal_the_bundle(slide, parity):
    name, bundle, _ = slide
    sdata = open_store(f"{name}_parity" if parity else name)
    table, nuclei = sdata.tables["table_cells"], sdata.tables["table_nuclei"]
    whole = scanpy.read_10x_h5(bundle / "cell_feature_matrix.h5")
    cells = pd.read_parquet(bundle / "cells.parquet")
    if parity:
        rows = table.obs_names.astype(int)
        assert list(rows) == sorted(rows)
    else:
        assert list(table.obs_names) == list(table.obs.cell_id) == list(nuclei.obs.cell_id)
        rows = cells.set_index("cell_id").index.get_indexer(table.obs.xenium_cell_id)
    assert list(whole.obs_names[rows]) == list(table.obs.xenium_cell_id)
    same = nuclei.obs.set_index("cell_id").xenium_cell_id[table.obs.cell_id]
    assert list(same) == list(table.obs.xenium_cell_id)
    np.testing.assert_array_equal(table.X.toarray(), whole.X[rows].toarray())
    assert list(table.var_names) == list(whole.var_names)
    kept = cells.iloc[rows]
    np.testing.assert_array_equal(table.obsm["spatial"], kept[["x_centroid", "y_centroid"]])
    for column in set(cells) - {"cell_id", "x_centroid", "y_centroid", "segmentation_method"}:
        np.testing.assert_array_equal(table.obs[column], kept[column], err_msg=column)
    joined, _ = spatialdata.join_spatialelement_table(
        sdata=sdata, spatial_element_names="cell_boundaries", table_name="table_cells"
    )
    vertices = pd.read_parquet(bundle / "cell_boundaries.parquet").groupby("cell_id", sort=False)
    owners = table.obs.set_index("cell_id").xenium_cell_id
    for cell_id, polygon in joined["cell_boundaries"].geometry.items():
        ring = vertices.get_group(owners[cell_id])[["vertex_x", "vertex_y"]].to_numpy(dtype=float)
        assert shapely.equals_exact(polygon, shapely.Polygon(ring), 0)


def test_table_annotates_the_nuclei(slide):
    _, _, sdata = slide
    nuclei, table = spatialdata.join_spatialelement_table(
        sdata=sdata, spatial_element_names="nucleus_boundaries", table_name="table_nuclei"
    )
    assert len(nuclei["nucleus_boundaries"]) == table.n_obs == len(sdata.tables["table_nuclei"])


def test_query_in_micrometres_of_the_transcripts(slide):
    _, _, sdata = slide
    box = sdata.query.bounding_box(
        axes=("x", "y"),
        min_coordinate=[0, 0],
        max_coordinate=[100, 100],
        target_coordinate_system="_st_intrinsic",
        filter_table=False,
    )
    points = sdata.points["st"].compute()
    inside = points.x.between(0, 100) & points.y.between(0, 100)
    assert len(box.points["st"] if "st" in box.points else []) == inside.sum()


def test_python_can_write_the_store_again(slide, tmp_path):
    _, _, sdata = slide
    sdata.write(tmp_path / "again.zarr")
    again = spatialdata.read_zarr(tmp_path / "again.zarr")
    np.testing.assert_array_equal(
        again.tables["table_nuclei"].X.toarray(), sdata.tables["table_nuclei"].X.toarray()
    )


@pytest.mark.parametrize("name", list(BUNDLES))
def test_parity_adds_the_empty_channel_of_the_kit(name):
    channels = list(open_store(f"{name}_parity").images["morpho"]["scale0"].image.c.to_numpy())
    assert channels[1:] == (
        ["ATP1A1/CD45/E-Cadherin", "18S", "AlphaSMA/Vimentin", "dummy"] if name == "pancreas" else []
    )


def test_he_equals_tifffile_at_every_level():
    sdata = open_store("pancreas")
    with tifffile.TiffFile(DATA / BUNDLES["pancreas"] / "pseudo_he_image.ome.tif") as tif:
        levels = [level.asarray() for level in tif.series[0].levels]
    image = sdata.images["he"]
    assert len(image) == len(levels)
    for name, expected in zip(sorted(image), levels):
        np.testing.assert_array_equal(
            image[name].image.transpose("y", "x", "c").to_numpy(), expected, err_msg=name
        )


def test_he_lies_where_the_alignment_says():
    sdata = open_store("pancreas")
    matrix = np.loadtxt(
        DATA / BUNDLES["pancreas"] / "pseudo_he_imagealignment.csv", delimiter=","
    )
    transformation = spatialdata.transformations.get_transformation(sdata.images["he"], "global")
    ours = transformation.to_affine_matrix(("x", "y"), ("x", "y"))
    np.testing.assert_allclose(ours, matrix)
