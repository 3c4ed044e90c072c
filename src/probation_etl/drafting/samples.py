"""The files that a contract is drafted from, as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile, UsageError
from probation_etl.intake.file_names import is_unnamed
from probation_etl.intake.readers import Grid, read_grids
from probation_etl.intake.received import Received
from probation_etl.intake.sources import named_content

#: Rows of a file that are looked at; the contract is read back over all of them.
MOST_ROWS = 200_000
_DELIMITERS = {"tabs": "\t", "spaces": " "}


@dataclass(frozen=True)
class Sample(Discreet, tells=("name",)):
    """One file.

    Attributes:
        name: Its name.
        data: Its bytes.
        grids: Its sheets that can be seen, or its one table.
        hidden: Names of its hidden sheets.
        delimiter: What stands between the cells of CSV.
        encoding: Its character encoding, likewise.
    """

    name: str
    data: bytes | Received
    grids: tuple[Grid, ...]
    hidden: tuple[str, ...] = ()
    delimiter: str = ","
    encoding: str = "UTF-8"

    @property
    def is_workbook(self) -> bool:
        """Whether it has sheets."""
        return any(each.sheet is not None for each in self.grids)

    @property
    def is_text(self) -> bool:
        """Whether it is CSV."""
        return any(each.widths is not None for each in self.grids)


def read_samples(files: Sequence[Any]) -> list[Sample]:
    """Reads the files.

    Raises:
        UsageError: There is none, one cannot be read as a table, or two have the same name.
        EnvironmentFailure: The disk or its rights are in the way.
    """
    if not files:
        raise UsageError("A contract is drafted from files: name one at least.")
    samples = [_read(each) for each in files]
    names = [each.name.casefold() for each in samples]
    twice = next((each.name for each in samples if names.count(each.name.casefold()) > 1), None)
    if twice and is_unnamed(twice):
        raise UsageError(
            "Several sources have no name: write them to files, whose names say who sends a return for which period."
        )
    if twice:
        raise UsageError(f"Two of the files are named {twice}: a name says who sends a return, and for which period.")
    return samples


def _read(source: Any) -> Sample:
    if isinstance(source, Path) and source.is_dir():
        raise UsageError(f"{source} is a directory: name the files in it.")
    name, content = named_content(source)
    if content.data is None:
        raise UsageError(f"Nothing can be drafted from {name}: {content.refused}")
    try:
        grids = read_grids(content.data)
    except UnreadableFile as error:
        raise UsageError(f"Nothing can be drafted from {name}: {error}") from None
    seen = tuple(each.first(MOST_ROWS) for each in grids if not each.hidden)
    if not any(each.cells.height for each in seen):
        raise UsageError(f"Nothing can be drafted from {name}: there is nothing in it.")
    hidden = tuple(each.sheet for each in grids if each.hidden and each.sheet)
    return Sample(name, content.data, seen, hidden, *_told_by_reader(seen))


def _told_by_reader(grids: Iterable[Grid]) -> tuple[str, str]:
    """The delimiter and the encoding of text: those of every contract that says nothing, or what the reader found instead."""
    found = {each.code: each.value or "" for grid in grids for each in grid.findings}
    delimiter = found.get("wrong-delimiter", "‘,’").removesuffix(" and a blank")
    return _DELIMITERS.get(delimiter, delimiter.strip("‘’")), found.get("wrong-encoding", "UTF-8")
