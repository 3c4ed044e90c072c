"""DuckDB without a way out: SQL can read and write the store, and no other file, host, program or Python variable.

Contracts bring SQL of their own, and who wrote a contract may be a stranger. Lint refuses what reaches outside; should
something slip through, the engine refuses it as well, and its configuration cannot be changed back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

_NO_WAY_OUT = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    # Otherwise ``FROM name`` reads a variable of the calling Python code.
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}
#: The engine would make one by itself once its log is long; whoever has opened a store makes them, and keeps what they overwrite.
_NO_CHECKPOINT = {"checkpoint_threshold": "1TB"}

#: How many megabytes an engine takes, and how many more for each of its threads. What is more goes to its folder for temporary files.
_MEGABYTES, _FOR_A_THREAD = 448, 64
_UNITS = {"bytes": 2**-20, "KiB": 2**-10, "MiB": 1, "GiB": 2**10, "TiB": 2**20}


def confined(
    path: Path | None, settings: Mapping[str, str | bool | int | float | list[str]] | None = None, share: float = 1
) -> duckdb.DuckDBPyConnection:
    """A connection to a file, or to memory, whose SQL reaches nothing else.

    The file's own write-ahead log and the folder for temporary files stay within reach: the engine sees to that itself.

    Args:
        path: The file; None for memory.
        settings: More settings, such as where temporary files are; they are locked as well.
        share: How much of the memory of an engine this one takes.

    Raises:
        duckdb.Error: It cannot be opened.
    """
    connection = duckdb.connect(str(path or ":memory:"), config={**_NO_CHECKPOINT, **(settings or {})})
    if connection.execute("SELECT current_setting('lock_configuration')").fetchall() == [(True,)]:
        # This process has the file open already, and its connections share their settings.
        return connection
    _take_little(connection, share)
    # Nor is one made in closing: what a crash has left in the log stays there until somebody commits.
    connection.execute("PRAGMA disable_checkpoint_on_shutdown").complete()
    # Not among the settings above: with access off, the engine would refuse to be told of a folder for temporary files.
    for name, value in _NO_WAY_OUT.items():
        connection.execute(f"SET {name} = {value}").complete()
    return connection


def _take_little(connection: duckdb.DuckDBPyConnection, share: float) -> None:
    """Lets the engine take less memory than it would by itself: most of what the machine has, or the container."""
    [(threads, given)] = connection.execute(
        "SELECT current_setting('threads'), current_setting('memory_limit')"
    ).fetchall()
    enough = int(share * (_MEGABYTES + _FOR_A_THREAD * int(threads)))
    amount = re.fullmatch(r"([\d.]+) (\w+)", given)
    if amount is None or enough < float(amount[1]) * _UNITS[amount[2]]:
        connection.execute(f"SET memory_limit = '{enough}MiB'").complete()
