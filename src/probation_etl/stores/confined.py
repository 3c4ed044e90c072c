"""DuckDB without a way out: SQL can read and write the store, and no other file, host, program or Python variable.

Contracts bring SQL of their own, and who wrote a contract may be a stranger. Lint refuses what reaches outside; should
something slip through, the engine refuses it as well, and its configuration cannot be changed back.
"""

from __future__ import annotations

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


def confined(
    path: Path | None, settings: Mapping[str, str | bool | int | float | list[str]] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to a file, or to memory, whose SQL reaches nothing else.

    The file's own write-ahead log and the folder for temporary files stay within reach: the engine sees to that itself.

    Args:
        path: The file; None for memory.
        settings: More settings, such as where temporary files are; they are locked as well.

    Raises:
        duckdb.Error: It cannot be opened.
    """
    connection = duckdb.connect(str(path or ":memory:"), config={**_NO_CHECKPOINT, **(settings or {})})
    if connection.execute("SELECT current_setting('lock_configuration')").fetchall() == [(True,)]:
        # This process has the file open already, and its connections share their settings.
        return connection
    # Nor is one made in closing: what a crash has left in the log stays there until somebody commits.
    connection.execute("PRAGMA disable_checkpoint_on_shutdown").complete()
    # Not among the settings above: with access off, the engine would refuse to be told of a folder for temporary files.
    for name, value in _NO_WAY_OUT.items():
        connection.execute(f"SET {name} = {value}").complete()
    return connection
