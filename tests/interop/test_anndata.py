"""What write_anndata.ts wrote opens in AnnData with the values and types of the fixture table."""
import os
from pathlib import Path

import anndata as ad
import numpy as np
import pytest
import zarr
from anndata.tests.helpers import assert_equal

OUT = Path(os.environ["STHELAR_INTEROP_OUT"]) / "anndata"
FIXTURE = Path(__file__).parent.parent / "fixtures" / "anndata" / "table.h5ad"


def read(name):
    return ad.read_zarr(OUT / name) if name.endswith(".zarr") else ad.read_h5ad(OUT / name)


def fixture():
    """The fixture, with the one thing that is not kept: categories that are numbers become texts."""
    table = ad.read_h5ad(FIXTURE)
    table.obs["cluster"] = table.obs["cluster"].cat.rename_categories(str)
    return table


@pytest.mark.parametrize("name", ["table.zarr", "table.h5ad"])
def test_table_is_equal_to_the_fixture(name):
    expected, table = fixture(), read(name)
    np.testing.assert_array_equal(table.uns.pop("grid"), np.array(list("abcdef")).reshape(3, 2))
    records = table.uns.pop("records")
    assert records.tolist() == expected.uns.pop("records").tolist()
    assert records.dtype["n"] == "i4" and records.dtype["score"] == "f8"
    for key in ("obs", "var", "X", "layers", "obsm", "varm", "obsp", "varp", "raw", "uns"):
        assert_equal(getattr(table, key), getattr(expected, key), exact=True)


@pytest.mark.parametrize("name", ["table.zarr", "table.h5ad"])
def test_types_are_those_of_the_fixture(name):
    expected, table = fixture(), read(name)
    assert table.obs.dtypes.to_dict() == expected.obs.dtypes.to_dict()
    assert table.X.dtype == expected.X.dtype and table.X.indices.dtype == expected.X.indices.dtype
    assert type(table.uns["flag"]) is type(expected.uns["flag"])
    assert table.uns["nested"]["values"].dtype == "i2"


@pytest.mark.parametrize("name", ["large.zarr", "large.h5ad"])
def test_chunked_values(name):
    table = read(name)
    np.testing.assert_array_equal(table.X.ravel(), np.arange(36000) % 251)
    np.testing.assert_array_equal(table.var["keep"], np.arange(6000) % 3 == 0)
    assert table.var["keep"].dtype == bool and table.var_names[-1] == "gene_5999"


def test_consolidated_metadata_lists_every_node():
    consolidated = zarr.open_group(OUT / "table.zarr", mode="r", use_consolidated=True)
    plain = zarr.open_group(OUT / "table.zarr", mode="r", use_consolidated=False)
    assert {k for k, _ in consolidated.members(max_depth=None)} == {k for k, _ in plain.members(max_depth=None)}
    assert consolidated["X/data"].metadata.to_dict() == plain["X/data"].metadata.to_dict()
