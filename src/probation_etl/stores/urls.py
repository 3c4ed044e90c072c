"""URLs of stores: which kind of store one names, where it is, and how it is shown."""

from __future__ import annotations

import re
from pathlib import Path

from probation_etl.errors import UsageError
from probation_etl.paths import on_this_machine

_DUCKDB = "duckdb:///"
_POSTGRESQL = ("postgresql://", "postgres://")


def store_path(url: str) -> Path | None:
    """File of an embedded store, None for a served one.

    Raises:
        UsageError: The URL is not of a kind that can be opened.
    """
    if url.startswith(_POSTGRESQL):
        return None
    if not url.startswith(_DUCKDB) or url == _DUCKDB:
        scheme = url.split(":", 1)[0]
        raise UsageError(
            f"The kind of store ‘{scheme}:…’ is not known: expected {_DUCKDB}FILE, such as {_DUCKDB}probation.duckdb, "
            f"or {_POSTGRESQL[0]}USER@HOST/DATABASE"
        )
    return on_this_machine(url.removeprefix(_DUCKDB))


def shown_url(url: str) -> str:
    """A store's URL for messages, without the password."""
    return str(store_path(url) or re.sub(r"//[^@/]*@", "//…@", url.split("?", 1)[0]))
