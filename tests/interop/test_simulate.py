"""spatialdata-io, tifffile and anndata open what the simulator writes."""

import json
import os
import warnings
from pathlib import Path

import anndata
import geopandas
import numpy as np
import pandas as pd
import pytest
import scanpy
import scipy.sparse
import shapely
import spatialdata
import spatialdata_io
import tifffile
import zarr

OUT = Path(os.environ["STHELAR_INTEROP_OUT"])
PRESETS = [
    "v1.0",
    "v1.4",
    "v1.9",
    "v2.0",
    "v2.0-kit",
    "v3.0",
    "v3.0-kit",
    "v3.0-prime-kit",
    "v4.0",
    "v4.0-protein",
    "ranger-resegment",
]
PIXEL_UM = 0.2125


@pytest.fixture(scope="module", params=PRESETS)
def bundle(request):
    return OUT / "simulated" / request.param


@pytest.fixture(scope="module")
def truth(bundle):
    return json.loads((OUT / "simulated_truth" / f"{bundle.name}.json").read_text())


def read(bundle, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return spatialdata_io.xenium(bundle, gex_only=False, **options)


@pytest.fixture(scope="module")
def slide(bundle):
    return read(bundle)


def ids(values):
    """Cell ids as text: they are numbers in 1.0."""
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]


def genes(table):
    return table[:, table.var["feature_types"] == "Gene Expression"]


def pixels(element):
    node = element["scale0"] if hasattr(element, "keys") and "scale0" in element else element
    array = node["image"] if "image" in getattr(node, "data_vars", {}) else node
    return np.asarray(array.data)


def test_has_all_elements(slide):
    assert {"morphology_focus", "he_image"} <= set(slide.images)
    assert set(slide.labels) == {"cell_labels", "nucleus_labels"}
    assert set(slide.shapes) == {"cell_boundaries", "nucleus_boundaries"}
    assert list(slide.points) == ["transcripts"]
    assert list(slide.tables) == ["table"]


def test_table_counts_what_cells_say(slide):
    table = slide["table"]
    counts = np.asarray(genes(table).X.sum(axis=1)).ravel()
    assert (counts == table.obs["transcript_counts"].to_numpy()).all()
    assert genes(table).n_vars == 377


def test_table_is_the_truth(slide, truth):
    table = slide["table"]
    assert ids(table.obs["cell_id"]) == truth["cells"]["cell_id"]
    names = [f"{name}: {kind}" for name, kind in zip(table.var["gene_ids"], table.var["feature_types"])]
    assert names == truth["features"]
    proteins = (table.var["feature_types"] == "Protein Expression").to_numpy()
    scale = np.where(proteins, 100.0, 1.0)
    rows = [truth["counts"][cell] for cell in truth["cells"]["cell_id"]]
    columns = [str(f) for f in range(table.n_vars)]
    expected = pd.DataFrame(rows, columns=columns).fillna(0).to_numpy() / scale
    np.testing.assert_allclose(table.X.toarray(), expected, rtol=1e-6)
    np.testing.assert_array_equal(table.obsm["spatial"][:, 0], truth["cells"]["x"])


def test_polygons_are_the_truth(slide, truth):
    for name, key in (("cell_boundaries", "outlines"), ("nucleus_boundaries", "nuclei")):
        frame = slide[name]
        owners = ids(frame["cell_id"] if "cell_id" in frame else frame.index)
        found = {owner: [] for owner in owners}
        for owner, polygon in zip(owners, frame.geometry):
            found[owner].append(shapely.get_coordinates(polygon).ravel().tolist())
        expected = {
            cell: sorted(([float(v) for v in ring.split(" ")] for ring in rings))
            for cell, rings in truth[key].items()
        }
        assert {cell: sorted(rings) for cell, rings in found.items()} == expected


def test_masks_are_filled_polygons(slide, bundle):
    for name, shapes in (("cell_labels", "cell_boundaries"), ("nucleus_labels", "nucleus_boundaries")):
        sizes = np.bincount(pixels(slide[name]).ravel())[1:]
        areas = slide[shapes].geometry.area.to_numpy() / PIXEL_UM**2
        # Rings of 1.x leave every second vertex out; masks don't.
        tolerance = 0.35 if bundle.name.startswith("v1") else 0.05
        np.testing.assert_allclose(sizes, areas, rtol=tolerance, atol=15)


def test_channels_are_the_truth(slide, truth):
    image = slide["morphology_focus"]
    names = [str(c) for c in spatialdata.models.get_channel_names(image)]
    assert names == (truth["channels"] if names != ["0"] else ["0"])
    assert len(names) == len(truth["channels"])


def test_table_counts_the_good_transcripts(bundle, slide):
    points = slide["transcripts"].compute()
    lost = points["cell_id"].map(lambda v: v if isinstance(v, bytes) else str(v).encode())
    kept = points[(points["qv"] >= 20) & ~lost.isin([b"UNASSIGNED", b"-1"])]
    table = genes(slide["table"])
    assert kept["feature_name"].isin(table.var_names).sum() == table.X.sum()


def test_polygons_are_valid_and_apart(slide):
    for name in ("cell_boundaries", "nucleus_boundaries"):
        polygons = slide[name].geometry
        assert polygons.is_valid.all()
        pairs = geopandas.GeoDataFrame(geometry=polygons.values).sindex.query(
            polygons.values, predicate="overlaps"
        )
        assert pairs.shape[1] == 0


def test_masks_have_the_size_of_the_image_and_a_label_a_polygon(slide):
    image = pixels(slide["morphology_focus"])
    for name, shapes in (("cell_labels", "cell_boundaries"), ("nucleus_labels", "nucleus_boundaries")):
        labels = pixels(slide[name])
        assert labels.shape == image.shape[1:]
        assert (np.unique(labels)[1:] == np.arange(1, len(slide[shapes]) + 1)).all()


def test_nuclei_are_bright(slide):
    dapi = pixels(slide["morphology_focus"])[0].astype(float)
    inside = pixels(slide["nucleus_labels"]) > 0
    assert dapi[inside].mean() > 4 * dapi[~inside].mean()


def test_nuclei_are_dark_in_the_aligned_he(bundle, slide):
    with tifffile.TiffFile(bundle / "he_image.ome.tif") as tiff:
        he = tiff.series[0].levels[0].asarray()
    matrix = np.loadtxt(bundle / "he_imagealignment.csv", delimiter=",")
    nuclei = slide["nucleus_boundaries"].geometry.centroid
    xy = np.stack([nuclei.x / PIXEL_UM, nuclei.y / PIXEL_UM, np.ones(len(nuclei))])
    x, y, _ = np.linalg.inv(matrix) @ xy
    seen = (x > 0) & (y > 0) & (x < he.shape[1]) & (y < he.shape[0])
    assert seen.mean() > 0.85
    red = he[y[seen].astype(int), x[seen].astype(int), 0].astype(float)
    assert red.mean() < he[..., 0].mean() - 40


def test_pyramid_halves_upwards(bundle):
    with tifffile.TiffFile(bundle / "he_image.ome.tif") as tiff:
        shapes = [level.shape[:2] for level in tiff.series[0].levels]
    for (h, w), (next_h, next_w) in zip(shapes, shapes[1:]):
        assert (next_h, next_w) == (-(-h // 2), -(-w // 2))


def test_truth_lists_the_cells_in_order(bundle, slide):
    truth = pd.read_parquet(bundle / "truth.parquet")
    assert list(truth["cell_id"]) == list(slide["table"].obs["cell_id"].astype(str))


def test_reference_holds_raw_counts(bundle):
    reference = anndata.read_h5ad(bundle / "reference.h5ad")
    assert {"ct", "batch"} <= set(reference.obs)
    assert (reference.X.data == np.round(reference.X.data)).all()


def test_stack_has_its_planes():
    bundle = OUT / "simulated" / "v1.9"
    with tifffile.TiffFile(bundle / "morphology.ome.tif") as tiff:
        series = tiff.series[0]
        focus = tifffile.imread(bundle / "morphology_focus.ome.tif", level=0)
        assert series.axes == "ZYX" and series.shape == (2, *focus.shape)
        assert len(series.levels) == len(tiff.pages[0].subifds or ()) + 1
        assert (series.asarray()[0] <= focus).mean() > 0.99


def test_csv_tables_equal_parquet():
    for bundle in (OUT / "simulated").iterdir():
        for path in bundle.glob("*.csv.gz"):
            table = pd.read_parquet(path.with_name(path.name.replace(".csv.gz", ".parquet")))
            for name in table.select_dtypes(object):
                table[name] = ids(table[name])
            written = pd.read_csv(path, dtype=table.dtypes.to_dict(), float_precision="round_trip")
            pd.testing.assert_frame_equal(written, table, check_exact=True)


def test_mex_equals_h5():
    for bundle in (OUT / "simulated").iterdir():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mex = scanpy.read_10x_mtx(bundle / "cell_feature_matrix", gex_only=False)
            h5 = scanpy.read_10x_h5(bundle / "cell_feature_matrix.h5", gex_only=False)
        assert list(mex.obs_names) == list(h5.obs_names)
        assert list(mex.var["gene_ids"]) == list(h5.var["gene_ids"])
        assert list(mex.var["feature_types"]) == list(h5.var["feature_types"])
        assert (mex.X != h5.X).nnz == 0


def test_zarr_matrix_equals_h5():
    for bundle in (OUT / "simulated").iterdir():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            h5 = scanpy.read_10x_h5(bundle / "cell_feature_matrix.h5", gex_only=False)
        store = zarr.storage.ZipStore(bundle / "cell_feature_matrix.zarr.zip", read_only=True)
        group = zarr.open_group(store, mode="r")["cell_features"]
        shape = (group.attrs["number_features"], group.attrs["number_cells"])
        parts = [group[name][:] for name in ("data", "indices", "indptr")]
        counts = scipy.sparse.csr_matrix(tuple(parts), shape=shape)
        assert (counts[: h5.n_vars].T != h5.X).nnz == 0
        if shape[0] > h5.n_vars:
            assert group.attrs["feature_types"][-1] == "aggregate_gene"
            total = genes(h5).X.sum(axis=1).ravel()
            assert (counts[-1].toarray() == total).all()
            parts = [group["csc"][name][:] for name in ("data", "indices", "indptr")]
            assert (scipy.sparse.csc_matrix(tuple(parts), shape=shape) != counts).nnz == 0
