"""Patches of a planted slide, opened with SciPy, NumPy, Pillow and geopandas, and drawn again with shapely."""

import io
import json
import math
import os
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import shapely
import spatialdata

warnings.filterwarnings("ignore")
FOLDER = Path(os.environ["STHELAR_INTEROP_OUT"]) / "patches"
SIDE, STEP = 256, 192
UM = 0.2


@pytest.fixture(scope="module", params=["centre", "parity"])
def name(request):
    if not (FOLDER / request.param / "set").exists():
        pytest.skip("no patches")
    return request.param


def masks_of(name):
    folder = FOLDER / name / "set"
    ids = np.load(folder / "patch_ids.npy")
    nuclei = scipy.sparse.load_npz(folder / "masks.npz")
    cells = scipy.sparse.load_npz(folder / "masks_cells.npz")
    assert nuclei.shape == (len(ids) * SIDE * SIDE, 6) and nuclei.dtype == np.int32
    assert cells.shape == (len(ids), SIDE * SIDE) and cells.dtype == np.int32
    dense = nuclei.toarray().reshape(len(ids), SIDE, SIDE, 6)
    return ids, dense, cells.toarray().reshape(len(ids), SIDE, SIDE)


def pictures_of(name):
    folder = FOLDER / name / "set"
    if (folder / "images.npy").exists():
        return np.load(folder / "images.npy", mmap_mode="r")
    image = pytest.importorskip("PIL.Image")
    archive = zipfile.ZipFile(folder / "images.zip")
    assert archive.testzip() is None
    ids = np.load(folder / "patch_ids.npy")
    assert archive.namelist() == [f"{patch}.png" for patch in ids]
    pictures = [image.open(io.BytesIO(archive.read(entry))) for entry in archive.namelist()]
    assert {(picture.mode, picture.size) for picture in pictures} == {("RGB", (SIDE, SIDE))}
    return np.stack([np.asarray(picture) for picture in pictures])


def test_files_belong_together(name):
    folder = FOLDER / name / "set"
    ids, nuclei, cells = masks_of(name)
    assert ids.dtype == np.int64 and (np.diff(ids) > 0).all()
    types = np.load(folder / "types.npy")
    assert types.dtype.kind == "U" and set(types) == {"Breast" if name == "parity" else "Heart"}
    pictures = pictures_of(name)
    assert pictures.shape == (len(ids), SIDE, SIDE, 3) and pictures.dtype == np.uint8
    for n, patch in enumerate(ids):
        row, column = divmod(int(patch), 4)
        x, y = np.meshgrid(column * STEP + np.arange(SIDE), row * STEP + np.arange(SIDE))
        np.testing.assert_array_equal(pictures[n, :, :, 0], x & 255)
        np.testing.assert_array_equal(pictures[n, :, :, 1], y & 255)
    assert (nuclei[..., 1:5] == 0).all()
    assert ((nuclei[..., 0] > 0) == (nuclei[..., 5] > 0)).all()
    instances = pd.read_parquet(folder / "nuclei.parquet")
    for n, patch in enumerate(ids):
        found = instances[instances.patch_id == patch].set_index("instance").cell
        for instance in np.unique(nuclei[n, :, :, 0][nuclei[n, :, :, 0] > 0]):
            cell = np.unique(nuclei[n, :, :, 5][nuclei[n, :, :, 0] == instance])
            assert list(cell) == [found[instance]]


def test_grid_opens_in_geopandas(name):
    grid = gpd.read_parquet(FOLDER / name / "set" / "patches.parquet")
    ids = np.load(FOLDER / name / "set" / "patch_ids.npy")
    assert list(grid.index) == list(range(12)) and list(grid.patch_id) == list(range(12))
    assert list(grid.index[grid.outcome == "kept"]) == list(ids)
    for patch, (box, place) in enumerate(zip(grid.bboxes, grid.ilocs)):
        row, column = divmod(patch, 4)
        assert list(place) == [column, row]
        assert list(box) == [column * STEP, row * STEP, column * STEP + SIDE, row * STEP + SIDE]
        assert grid.geometry[patch].equals(shapely.box(*box))
    assert grid.nuclei[grid.outcome == "kept"].min() >= 1


def test_he_patches_has_the_published_columns():
    sdata = spatialdata.read_zarr(FOLDER / "grid.zarr")
    element = sdata.shapes["he_patches"]
    published = ["geometry", "bboxes", "ilocs", "patch_id", "Dice", "Jaccard", "bPQ"]
    assert list(element.columns) == published
    assert np.flatnonzero(element.Dice.isna()).tolist() == [3]
    matrix = spatialdata.transformations.get_transformation(element, "global")
    np.testing.assert_array_equal(
        matrix.to_affine_matrix(("x", "y"), ("x", "y")), [[2, 0, 100], [0, -2, 5000], [0, 0, 1]]
    )


def polygons_of(name, element):
    """Polygons in px of the H&E, by the same sums as the alignment that patches.json states."""
    table = gpd.read_parquet(FOLDER / name / f"{element}.parquet")
    a, b, c, d, e, f = json.loads((FOLDER / name / "set" / "patches.json").read_text())["toGlobal"]
    assert b == d == 0
    to_px = [1 / UM / a, 0, 0, 1 / UM / e, -c / a, -f / e]
    px = table.geometry.affine_transform(to_px)
    return {cell: repaired(shape) for cell, shape in px.items()}


def repaired(shape):
    if not shape.is_valid and "Self-intersection" in shapely.is_valid_reason(shape):
        mended = shape.buffer(0)
        return mended if mended.is_valid else shape
    return shape


def drawn(shape, x0, y0):
    """Rows and columns as scikit-image draws the part in the patch, None where there is none."""
    draw = pytest.importorskip("skimage.draw")
    part = shape.intersection(shapely.box(x0, y0, x0 + SIDE, y0 + SIDE))
    if part.is_empty:
        return None
    parts = part.geoms if part.geom_type == "MultiPolygon" else [part]
    if any(each.geom_type != "Polygon" for each in parts):
        return "unsupported"
    ring = np.concatenate([np.array(each.exterior.coords) for each in parts]) - [x0, y0]
    return draw.polygon(ring[:, 1], ring[:, 0], (SIDE, SIDE))


def number_of(cell):
    return int("".join("0123456789abcdef"[ord(letter) - 97] for letter in cell[:8]), 16) + 1


def test_shapely_and_skimage_draw_the_same_masks_in_parity():
    pytest.importorskip("skimage.draw")
    ids, ours, our_cells = masks_of("parity")
    nuclei = polygons_of("parity", "nucleus_boundaries")
    cells = polygons_of("parity", "cell_boundaries")
    assert len(ids) >= 3
    for n in (0, len(ids) // 2, len(ids) - 1):
        row, column = divmod(int(ids[n]), 4)
        x0, y0 = column * STEP, row * STEP
        patch = shapely.box(x0, y0, x0 + SIDE, y0 + SIDE)
        theirs = np.zeros((SIDE, SIDE, 6), np.int32)
        their_cells = np.zeros((SIDE, SIDE), np.int32)
        counter = 0
        for cell, nucleus in nuclei.items():
            if not shapely.box(*nucleus.bounds).intersects(patch):
                continue
            if not (nucleus.is_valid and cells[cell].is_valid):
                continue
            inside, cell_inside = drawn(nucleus, x0, y0), drawn(cells[cell], x0, y0)
            if inside is None or cell_inside is None:
                continue
            counter += 1
            if isinstance(inside, str):
                continue
            theirs[inside[0], inside[1], 0] = counter
            theirs[inside[0], inside[1], 5] = number_of(cell)
            if not isinstance(cell_inside, str):
                their_cells[cell_inside] = number_of(cell)
        assert counter > 5 and math.isfinite(theirs.sum())
        np.testing.assert_array_equal(ours[n], theirs)
        np.testing.assert_array_equal(our_cells[n], their_cells)
