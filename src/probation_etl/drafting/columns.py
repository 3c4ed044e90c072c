"""Which columns of several tables are one: by their headers, or else by what stands in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.contracts.model.layouts import Layout
from probation_etl.contracts.model.mappings import Mapping as RowMapping
from probation_etl.contracts.organisations import fold
from probation_etl.discreet import Discreet
from probation_etl.drafting.headers import column_name
from probation_etl.drafting.left_out import LeftOutRows, rows_left_out
from probation_etl.drafting.likeness import same_cells, same_words
from probation_etl.drafting.parts import Group, Part
from probation_etl.errors import UsageError
from probation_etl.intake.header import Header
from probation_etl.intake.table import RawTable, table_below

#: Share of the columns of two tables together that they must have in common.
_IN_COMMON = 0.5
#: Rows of a table that can tell by its cells what its columns are.
_FEW_ROWS = 6


@dataclass(frozen=True)
class SampleColumn(Discreet, tells=("name",)):
    """One column of all tables.

    Attributes:
        name: Its name in the contract.
        headers: Its header as each of the files writes it, by the position of the file's table; not all need have it.
        places: Where it stands in each of these, from 0.
    """

    name: str
    headers: Mapping[int, str]
    places: Mapping[int, int]

    @property
    def header(self) -> str:
        """The header that most tables have."""
        texts = list(self.headers.values())
        return max(dict.fromkeys(texts), key=texts.count)

    @property
    def others(self) -> dict[str, list[int]]:
        """The headers that are not the same to a reader, each with the tables that have it."""
        found: dict[str, list[int]] = {}
        for at, text in self.headers.items():
            if fold(text) != fold(self.header):
                found.setdefault(next((each for each in found if fold(each) == fold(text)), text), []).append(at)
        return found


@dataclass(frozen=True)
class Laid(Discreet):
    """The tables of a group, with their columns.

    Attributes:
        tables: The rows of each as text.
        repeated: Headers that stand twice in a table.
        left_out: Rows that are no data.
    """

    group: Group
    columns: tuple[SampleColumn, ...]
    tables: tuple[RawTable, ...]
    repeated: tuple[str, ...] = ()
    left_out: tuple[LeftOutRows, ...] = ()

    @property
    def rows(self) -> int:
        """The number of all rows."""
        return sum(each.height for each in self.tables)


def laid_out(group: Group) -> Laid:
    """Finds the columns of the tables, and takes their rows out as the reader does.

    Raises:
        UsageError: The tables are not of one return.
    """
    # A table with hardly a row cannot tell by its cells what its columns are.
    group = replace(group, parts=tuple(sorted(group.parts, key=lambda each: each.grid.height - each.row < _FEW_ROWS)))
    found: list[dict[int, int]] = []
    repeated: list[str] = []
    for at, part in enumerate(group.parts):
        own = {place: text for place, text in enumerate(part.headers) if fold(text)}
        first = {fold(text): place for place, text in reversed(own.items())}
        repeated += [text for place, text in own.items() if first[fold(text)] != place]
        _add(found, {place: own[place] for place in sorted(first.values())}, at, group)
    columns: list[SampleColumn] = []
    for places in found:
        headers = {at: group.parts[at].headers[place] for at, place in places.items()}
        column = SampleColumn("", headers, places)
        columns.append(replace(column, name=column_name(column.header, [each.name for each in columns])))
    left_out = tuple(rows_left_out(group.parts))
    tables = tuple(_rows(part, at, columns, left_out) for at, part in enumerate(group.parts))
    return Laid(group, tuple(columns), tables, tuple(dict.fromkeys(repeated)), left_out)


def _add(found: list[dict[int, int]], own: Mapping[int, str], at: int, group: Group) -> None:
    """Adds the columns of one table to those that were found in the ones before."""
    if not found:
        found += [{at: place} for place in own]
        return
    known = [{fold(group.parts[part].headers[place]) for part, place in each.items()} for each in found]
    left = dict(own)
    for column, names in zip(found, known, strict=True):
        place = next((place for place, text in left.items() if fold(text) in names), None)
        if place is not None:
            column[at] = place
            del left[place]
    for place, column in _alike(found, left, at, group):
        column[at] = place
        del left[place]
    first = sum(0 in each for each in found)
    common = sum(0 in each and at in each for each in found)
    if common < _IN_COMMON * (first + len(own) - common):
        name, other = group.parts[at].sample.name, group.parts[0].sample.name
        raise UsageError(
            f"{name} has {common} of the {first} columns of {other}, and {len(own) - common} others: a contract is drafted from files of one return. "
            "Draft one from each of them."
        )
    found += [{at: place} for place in left]


def _alike(
    found: Sequence[dict[int, int]], left: Mapping[int, str], at: int, group: Group
) -> list[tuple[int, dict[int, int]]]:
    """Columns that have another header in this table: of similar words, or the only one in which such cells stand."""
    missing = [each for each in found if at not in each]
    pairs: list[tuple[int, dict[int, int]]] = []
    for same in (same_words, same_cells):
        free = [each for each in missing if not any(each is taken for _, taken in pairs)]
        open_ = {place: text for place, text in left.items() if all(place != used for used, _ in pairs)}
        fits = [(place, each) for place in open_ for each in free if same(each, place, at, group)]
        for place, each in fits:
            if sum(other == place for other, _ in fits) == 1 and sum(other is each for _, other in fits) == 1:
                pairs.append((place, each))
    return pairs


def _rows(part: Part, at: int, columns: Sequence[SampleColumn], left_out: Sequence[LeftOutRows]) -> RawTable:
    """The rows of one table, by a contract that says nothing but its headers."""
    own = {each.places[at]: each for each in columns if at in each.places}
    plain = tuple(Column(each.name, "string", each.headers[at]) for each in own.values())
    contract = ReturnContract(
        id="draft", version="0", table="draft", columns=plain,
        mapping=RowMapping.to_own_table("draft", [each.name for each in plain]),
        layout=Layout(left_out=tuple(each.rule for each in left_out)),
    )  # fmt: skip
    texts = part.grid.cells.row(part.row)
    meanings = tuple(own[place].name if place in own else None for place in range(len(texts)))
    return table_below(Header(part.row, texts, meanings), part.grid, contract)
