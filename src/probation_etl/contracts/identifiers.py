"""Names of tables and columns in SQL."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name as a SQL identifier: whatever it holds, it is a name and nothing else."""
    return '"' + name.replace('"', '""') + '"'
