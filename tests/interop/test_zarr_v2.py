"""Stores written as zarr v2 equal the zarr v3 stores that they come from.

Run by the current spatialdata, which reads both and notes what the v3 stores hold, and then by the last
release before 0.5, which reads zarr v2 alone.
"""

import json
import os
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import spatialdata
import zarr
from store_content import content_of

OUT = Path(os.environ["STHELAR_INTEROP_OUT"]) / "zarr_v2"
IS_OLD = tuple(map(int, spatialdata.__version__.split(".")[:2])) < (0, 5)

pytestmark = pytest.mark.filterwarnings("ignore")


def plain(content):
    """As JSON gives it back."""
    return json.loads(json.dumps(content, sort_keys=True))


def expected(name):
    noted = OUT / f"{name}.json"
    if not IS_OLD:
        noted.write_text(json.dumps(content_of(OUT / f"{name}.v3.zarr"), sort_keys=True))
    return json.loads(noted.read_text())


@pytest.fixture(params=["simulated", "elements", "table"])
def name(request):
    return request.param


def test_every_value_is_that_of_the_v3_store_in_zarr_v2_and_v3(name):
    """spatialdata #980, #1004, #1081: one store, read by releases on both sides of zarr 3."""
    theirs, ours = expected(name), plain(content_of(OUT / f"{name}.v2.zarr"))
    assert list(ours) == list(theirs)
    for element in theirs:
        assert ours[element] == theirs[element], element


def test_the_stores_are_not_empty():
    table = expected("table")["tables/table"]
    assert {"label", "cluster", "maybe_int", "maybe_bool"} <= set(table["obs"])
    assert table["obsm"] and table["layers"] and table["raw"] and "infinite" in table["uns"]
    elements = expected("elements")
    assert len(elements["images/morpho"]["levels"]) == 5
    assert elements["images/morpho"]["channels"] == ["DAPI", "boundary"]
    assert {"labels/nucleus_labels", "points/st", "shapes/nucleus_boundaries"} <= set(elements)


def test_consolidated_metadata_is_that_of_the_nodes(name):
    store = OUT / f"{name}.v2.zarr"
    noted = json.loads((store / ".zmetadata").read_text())["metadata"]
    assert (store / "zmetadata").read_bytes() == (store / ".zmetadata").read_bytes()
    files = [p for p in store.rglob(".z*") if p.name in (".zgroup", ".zattrs", ".zarray")]
    assert {str(p.relative_to(store)) for p in files} == set(noted)
    for path in files:
        assert json.loads(path.read_text()) == noted[str(path.relative_to(store))]


def test_zarr_opens_it_by_its_consolidated_metadata(name):
    store = str(OUT / f"{name}.v2.zarr")
    if IS_OLD:
        root = zarr.open_consolidated(store, metadata_key="zmetadata")
    else:
        root = zarr.open_group(store, mode="r", zarr_format=2, use_consolidated=True)
    assert set(root) == set(zarr.open_group(store, mode="r"))
    raster = next(iter(root["images" if "images" in root else "labels"].groups()))[1]
    assert raster["0"].shape and np.asarray(raster["0"]).any()


@pytest.mark.skipif(not IS_OLD, reason="for the older release")
def test_the_zip_unpacks_to_the_store(tmp_path):
    with zipfile.ZipFile(OUT / "elements.v2.zarr.zip") as archive:
        archive.extractall(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        unpacked = plain(content_of(tmp_path / "elements.v2.zarr"))
    assert unpacked == expected("elements")
