"""spatialdata-io, tifffile and anndata open what the simulator writes."""

import os
import warnings
from pathlib import Path

import anndata
import geopandas
import numpy as np
import pandas as pd
import pytest
import tifffile

OUT = Path(os.environ["STHELAR_INTEROP_OUT"]) / "simulated"
PRESETS = ["v1.0", "v1.4", "v1.9", "v2.0", "v2.0-kit", "v3.0", "v4.0"]
PIXEL_UM = 0.2125


@pytest.fixture(scope="module", params=PRESETS)
def bundle(request):
    return OUT / request.param


@pytest.fixture(scope="module")
def slide(bundle):
    xenium = pytest.importorskip("spatialdata_io").xenium
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return xenium(bundle)


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
    counts = np.asarray(table.X.sum(axis=1)).ravel()
    assert (counts == table.obs["transcript_counts"].to_numpy()).all()
    assert table.n_vars == 377


def test_table_counts_the_good_transcripts(bundle, slide):
    points = slide["transcripts"].compute()
    lost = points["cell_id"].map(lambda v: v if isinstance(v, bytes) else str(v).encode())
    kept = points[(points["qv"] >= 20) & ~lost.isin([b"UNASSIGNED", b"-1"])]
    genes = set(slide["table"].var_names)
    assert kept["feature_name"].isin(genes).sum() == slide["table"].X.sum()


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
