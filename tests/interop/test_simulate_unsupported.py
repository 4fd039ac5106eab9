"""What spatialdata-io 0.7.1 does not read of the variants, with its own words for why."""

import json
import os
import warnings
from pathlib import Path

import pytest
import shapely
import spatialdata_io

OUT = Path(os.environ["STHELAR_INTEROP_OUT"])


def read(bundle, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return spatialdata_io.xenium(bundle, **options)


def truth(preset):
    return json.loads((OUT / "simulated_truth" / f"{preset}.json").read_text())


def test_skips_merged_nuclei_of_the_preview():
    with pytest.warns(UserWarning, match="Nucleus boundaries are not supported for this Xenium"):
        slide = spatialdata_io.xenium(OUT / "simulated" / "v2.0-preview")
    assert set(slide.shapes) == {"cell_boundaries"}
    assert list(slide["cell_boundaries"].index) == truth("v2.0-preview")["cells"]["cell_id"]


def test_wants_masks_that_an_import_lacks():
    with pytest.raises(KeyError, match="masks"):
        read(OUT / "simulated" / "ranger-import")


def test_reads_lines_of_an_import_as_polygons_without_area():
    slide = read(OUT / "simulated" / "ranger-import", cells_labels=False, nucleus_labels=False)
    expected = truth("ranger-import")
    cells = slide["cell_boundaries"]
    assert list(cells.index) == expected["cells"]["cell_id"]
    sound = cells[cells.is_valid]
    assert set(sound.index) == set(expected["outlines"]) and len(cells) == len(sound) + 3
    for cell, polygon in sound.geometry.items():
        ring = [float(v) for v in expected["outlines"][cell][0].split(" ")]
        assert shapely.get_coordinates(polygon).ravel().tolist() == ring
    assert (cells.area[~cells.is_valid] == 0).all()
    assert len(slide["nucleus_boundaries"]) == sum(map(len, expected["nuclei"].values()))


@pytest.mark.parametrize(
    "form, missing",
    [
        ("csv", "cells.parquet"),
        ("mex", "cell_feature_matrix.h5"),
        ("zarr", "cell_feature_matrix.h5"),
    ],
)
def test_wants_parquet_and_h5(form, missing):
    with pytest.raises(FileNotFoundError) as raised:
        read(OUT / "simulated_only" / form)
    assert missing in str(raised.value)
