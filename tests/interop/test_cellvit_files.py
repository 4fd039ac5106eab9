"""What write_cellvit_files.ts wrote is read by h5py, SciPy and json as CellViT's own files are."""
import json
import math
import os
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.sparse as sp

OUT = Path(os.environ["STHELAR_INTEROP_OUT"]) / "cellvit"
PIXELS = np.arange(65536)


@pytest.mark.parametrize("patch", [0, 7, 361, 8])
def test_instance_maps(patch):
    with h5py.File(OUT / "maps.h5") as file:
        parts = {p: file[f"heart_s0_{patch}_{p}"] for p in ("data", "indices", "indptr", "shape")}
        assert [parts[p].dtype.str for p in parts] == ["<f4", "<i4", "<i4", "<i8"]
        assert all(d.chunks is None and d.compression is None and not d.attrs for d in parts.values())
        matrix = sp.csr_matrix(tuple(parts[p][:] for p in ("data", "indices", "indptr")), shape=parts["shape"][:])
    expected = np.where(PIXELS % 3 == patch % 3, PIXELS, 0) if patch != 8 else 0 * PIXELS
    np.testing.assert_array_equal(matrix.toarray().ravel(), expected)


def test_nothing_else_is_in_the_file():
    with h5py.File(OUT / "maps.h5") as file:
        assert len(file) == 16 and not file.attrs


def test_metrics():
    text = (OUT / "inference_results.json").read_text()
    results = json.loads(text)
    assert text == json.dumps(results, indent=2)
    assert results["image_metrics"]["0.png"]["Dice"] == 1 / 3
    assert math.isnan(results["image_metrics"]["0.png"]["bPQ"])
