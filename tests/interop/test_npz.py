"""What write_npz.ts wrote is read by NumPy and SciPy with the same values, types and order of entries."""
import os
import zipfile
from pathlib import Path

import numpy as np
import scipy.sparse as sp

OUT = Path(os.environ["STHELAR_INTEROP_OUT"]) / "npz"
PIXELS = np.arange(65536)


def ids(n):
    return np.where(PIXELS % 7 == n, 812 * (n + 1) + PIXELS, 0)


def test_masks_are_the_matrix_that_scipy_makes():
    dense = np.zeros((3 * 65536, 6), "i4")
    for n in range(3):
        rows = slice(n * 65536, (n + 1) * 65536)
        dense[rows, 0], dense[rows, 5] = ids(n) > 0, ids(n)
    ours, theirs = sp.load_npz(OUT / "masks.npz"), sp.csr_matrix(dense)
    assert ours.format == "csr" and ours.shape == theirs.shape
    for part in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(getattr(ours, part), getattr(theirs, part))
        assert getattr(ours, part).dtype == getattr(theirs, part).dtype
    assert ours.has_canonical_format


def test_entries_are_scipys(tmp_path):
    sp.save_npz(tmp_path / "theirs.npz", sp.load_npz(OUT / "masks.npz"))
    with zipfile.ZipFile(tmp_path / "theirs.npz") as theirs, zipfile.ZipFile(OUT / "masks.npz") as ours:
        assert ours.namelist() == theirs.namelist() and ours.testzip() is None
        for name in theirs.namelist():
            assert ours.read(name) == theirs.read(name), name


def test_masks_of_cells():
    cells = sp.load_npz(OUT / "masks_cells.npz")
    assert cells.shape == (3, 65536)
    np.testing.assert_array_equal(cells.toarray(), [ids(n) for n in range(3)])


def test_a_matrix_without_rows():
    assert sp.load_npz(OUT / "none.npz").shape == (0, 6)


def test_small_files():
    np.testing.assert_array_equal(sp.load_npz(OUT / "cell_ids.npz").toarray().ravel(), ids(0))
    types = np.load(OUT / "types.npy")
    assert types.tolist() == ["Heart", "Skin"] and types.dtype == "<U5"
    arrays = np.load(OUT / "arrays.npz")
    assert arrays["patch_ids"].tolist() == [3, 361] and arrays["patch_ids"].dtype == "i8"


def test_labels_as_cellvit_reads_them():
    npz = np.load(OUT / "label.npz")
    for name in ("inst_map", "type_map"):
        parts = [npz[f"{name}_{part}"] for part in ("data", "indices", "indptr")]
        dense = sp.csr_matrix(tuple(parts), shape=tuple(npz[f"{name}_shape"])).toarray()
        np.testing.assert_array_equal(dense.ravel(), ids(1) > 0)
