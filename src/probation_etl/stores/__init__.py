"""Where the unified tables are kept: open one by its URL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from probation_etl.errors import UsageError
from probation_etl.odcs import Contracts
from probation_etl.stores.base import RunRecord, Store
from probation_etl.version import VERSION

__all__ = ["RunRecord", "Store", "connect", "store_path"]

_DUCKDB = "duckdb:///"


def store_path(url: str) -> Path:
    """File of an embedded store.

    Raises:
        UsageError: The URL is not of a kind that can be opened.
    """
    if not url.startswith(_DUCKDB) or url == _DUCKDB:
        raise UsageError(
            f"The store ‘{url}’ is of no known kind: expected {_DUCKDB}FILE, such as {_DUCKDB}probation.duckdb"
        )
    return Path(url.removeprefix(_DUCKDB))


def connect(url: str, contracts: Contracts, tables: Mapping[str, pl.DataFrame]) -> Store:
    """Opens a store.

    Args:
        url: ``duckdb:///FILE``; ``duckdb:////FILE`` for an absolute path.
        contracts: The contracts whose unified tables it holds.
        tables: Reference tables by name.

    Raises:
        UsageError: The URL is not of a kind that can be opened.
        StoreError: The store is out of reach, unusable, or newer than the program.
    """
    path = store_path(url)
    from probation_etl.stores.duckdb import DuckDBStore

    return DuckDBStore(path, contracts, tables, program_version=VERSION)
