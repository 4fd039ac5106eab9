"""Predictions of a planted slide, opened with h5py, pandas, json and spatialdata."""

import json
import os
import warnings
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import spatialdata

warnings.filterwarnings("ignore")
FOLDER = Path(os.environ["STHELAR_INTEROP_OUT"]) / "predictions"
SIDE = 256
PUBLISHED = ["geometry", "bboxes", "ilocs", "patch_id", "Dice", "Jaccard", "bPQ"]


@pytest.fixture(scope="module", params=["baseline", "published", "parity"])
def name(request):
    return request.param


def predicted(name):
    """Maps by patch, read as CellViT's h5 files are."""
    maps = {}
    with h5py.File(FOLDER / name / "predictions" / "inference_instance_map_predictions.h5") as file:
        assert len(file.attrs) == 0
        for key in file:
            data = file[key]
            assert data.chunks is None and data.compression is None and len(data.attrs) == 0
        for stem in sorted(key.removesuffix("_data") for key in file if key.endswith("_data")):
            data, indices, indptr, shape = (
                file[f"{stem}_{part}"][()] for part in ["data", "indices", "indptr", "shape"]
            )
            assert [data.dtype, indices.dtype, indptr.dtype, shape.dtype] == [
                np.float32, np.int32, np.int32, np.int64,
            ]
            matrix = scipy.sparse.csr_matrix((data, indices, indptr), shape=tuple(shape))
            slide, patch = stem.rsplit("_", 1)
            assert slide == "heart_s9"
            maps[int(patch)] = matrix.toarray().astype(int)
    return maps


def truth_of(name):
    ids = np.load(FOLDER / name / "patches" / "patch_ids.npy")
    masks = scipy.sparse.load_npz(FOLDER / name / "patches" / "masks.npz")
    dense = masks.toarray().reshape(len(ids), SIDE, SIDE, 6)
    return dict(zip(ids.tolist(), dense))


def table_of(name):
    return pd.read_parquet(FOLDER / name / "predictions" / "alignment_heart_s9.parquet")


def test_scores_follow_from_the_maps(name):
    table = table_of(name).set_index("patch_id")
    maps, truth = predicted(name), truth_of(name)
    assert list(table.index) == list(truth)
    assert set(table.index[table.Dice.notna()]) == set(maps)
    for patch, found in maps.items():
        wanted = truth[patch][..., 0]
        both, either = ((wanted > 0) & (found > 0)).sum(), ((wanted > 0) | (found > 0)).sum()
        assert table.Dice[patch] == pytest.approx(2 * both / (both + either), abs=1e-12)
        assert table.Jaccard[patch] == pytest.approx(both / either, abs=1e-12)
        assert table.predicted[patch] == len(np.unique(found)) - 1
        assert table.nuclei[patch] == len(np.unique(wanted)) - 1
        assert table.tp[patch] + table.fp[patch] == table.predicted[patch]
        assert table.tp[patch] + table.fn[patch] == table.nuclei[patch]
        assert table.precision[patch] == pytest.approx(table.tp[patch] / table.predicted[patch])


def test_every_file_tells_its_source(name):
    source = "baseline" if name == "baseline" else "published"
    folder = FOLDER / name / "predictions"
    assert set(table_of(name).source) == {source}
    results = json.loads((folder / "inference_results.json").read_text())
    assert results["source"] == source
    assert json.loads((folder / "predictions.json").read_text())["source"] == source
    assert (folder / "inference.log").read_text().startswith(f"Predictions: {source}\n")


def test_results_agree_with_the_table(name):
    table = table_of(name)
    results = json.loads((FOLDER / name / "predictions" / "inference_results.json").read_text())
    evaluated = table[table.Dice.notna()]
    assert list(results["image_metrics"]) == [f"heart_s9_{id}.png" for id in evaluated.patch_id]
    for _, row in evaluated.iterrows():
        metrics = results["image_metrics"][f"heart_s9_{row.patch_id}.png"]
        assert metrics == {"Dice": row.Dice, "Jaccard": row.Jaccard, "bPQ": row.bPQ}
    assert results["dataset"]["Binary-Cell-Dice-Mean"] == pytest.approx(evaluated.Dice.mean())
    assert list(results["tissue_metrics"]) == ["breast" if name == "parity" else "heart"]


def test_classes_count_the_pixels_of_each_nucleus():
    table = pd.read_parquet(
        FOLDER / "baseline" / "predictions" / "nucleus_classes_heart_s9.parquet"
    ).set_index("cell_id")
    assert {str(dtype) for dtype in table.dtypes} == {"int64"} and table.shape[1] == 6
    cells = np.concatenate([mask[..., 5].ravel() for mask in truth_of("baseline").values()])
    numbers, counts = np.unique(cells[cells > 0], return_counts=True)
    digits = [f"{number - 1:08x}" for number in numbers]
    names = ["".join(chr(97 + int(digit, 16)) for digit in each) + "-1" for each in digits]
    pd.testing.assert_series_equal(
        table.sum(axis=1), pd.Series(counts, index=names), check_names=False
    )
    assert not (FOLDER / "published" / "predictions" / "nucleus_classes_heart_s9.parquet").exists()


def test_he_patches_has_the_published_columns(name):
    element = spatialdata.read_zarr(FOLDER / name / "store.zarr").shapes["he_patches"]
    assert list(element.columns) == PUBLISHED and len(element) == 9
    table = table_of(name).set_index("patch_id")
    for column in ["Dice", "Jaccard", "bPQ"]:
        wanted = table[column].reindex(range(9))
        if name == "parity":
            wanted = wanted.fillna(-1)
        np.testing.assert_array_equal(element[column], wanted)
