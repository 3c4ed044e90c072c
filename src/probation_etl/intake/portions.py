"""Rows of one sheet that belong to several returns: those of each supplier and period are a return of their own.

They are given to returns by what a column says of each row. A row that is no data goes with the row above it. Rows of which
it is not known whose they are, or for which period, are together a return that is refused: none of them is lost.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import polars as pl

from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.forms import ISO, form
from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.contracts.numbers import counted
from probation_etl.contracts.organisations import Reference
from probation_etl.contracts.patterns import group_names
from probation_etl.discreet import Discreet
from probation_etl.intake.blocks import block_of
from probation_etl.intake.body import Body
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.data_rows import data_rows
from probation_etl.intake.found import FoundReturn
from probation_etl.intake.header import Header
from probation_etl.intake.readers import BLANKS, Grid
from probation_etl.intake.sender import Given

#: Returns that a file may hold.
_MOST = 5_000
#: Texts that a finding names.
_NAMED = 10
_CODES = {"supplier_code": "unknown-organisation", "period_end": "period-mismatch"}


class Owner(NamedTuple):
    """Whose rows are, and for which period, as far as their columns say it."""

    supplier_code: str | None = None
    period_end: date | None = None


NOBODY_NAMED = Owner()


@dataclass(frozen=True)
class Portion(Discreet):
    """Some rows of a sheet that are a return.

    Attributes:
        found: The return.
        given: What is known of it, from its rows and from the caller.
        owner: Whose rows they are.
        unsaid: What its rows should say and do not: ``supplier_code``, ``period_end``.
    """

    found: FoundReturn
    given: Given
    owner: Owner = NOBODY_NAMED
    unsaid: frozenset[str] = frozenset()

    def says(self, finding: Finding) -> bool:
        """Whether a finding on the sender is about something that was told of its rows already."""
        return finding.code in {_CODES[key] for key in self.unsaid if key in _CODES}


def portions(found: FoundReturn, reference: Reference, given: Given, end: date | None) -> list[Portion]:
    """The returns that a sheet is, in the order of their first rows; the one that it is if all rows are of one return.

    Args:
        found: The return that the sheet seems to be.
        reference: The known organisations.
        given: What the caller knows: rows of another supplier, or for another period, are passed over.
        end: The end of the period of all rows, where it is known: who is a supplier depends on the day.
    """
    contract, header = found.contract, found.header
    if contract and found.grid and header:
        found = replace(found, grid=block_of(found.grid, header, contract))
    grid = found.grid
    by = contract.identification.row_columns if contract else {}
    if contract and grid is None:
        # The name of a sheet that is not there says nothing.
        unsaid = () if found.named else group_names(contract.identification.sheet_pattern or "")
        return [Portion(found, given, unsaid=frozenset(unsaid))]
    if contract is None or grid is None or header is None or grid.pieces or not set(by.values()) & set(header.columns):
        return [Portion(found, given)]
    return _Division(found, contract, grid, header, reference, given, end).portions()


def portion_of(
    grid: Grid, header: Header, contract: ReturnContract, reference: Reference, supplier: str | None, end: date | None
) -> Grid:
    """The rows of a sheet that are the return of a supplier for a period."""
    by = contract.identification.row_columns
    wanted = Owner(supplier if "supplier_code" in by else None, end if "period_end" in by else None)
    found = FoundReturn(grid, contract, {(contract.id, contract.version): header})
    parts = portions(found, reference, Given(), end) if by else []
    whole = block_of(grid, header, contract)
    return next((each.found.grid for each in parts if each.owner == wanted and each.found.grid), whole)


@dataclass(frozen=True)
class _Division(Discreet):
    """A sheet whose rows are of several returns."""

    found: FoundReturn
    contract: ReturnContract
    grid: Grid
    header: Header
    reference: Reference
    given: Given
    end: date | None

    def portions(self) -> list[Portion]:
        above = self.header.row + 1
        texts = self._texts(above)
        different = texts.unique(maintain_order=True)
        owners = [self._owner(dict(zip(texts.columns, each, strict=True))) for each in different.rows()]
        numbers = {each: at for at, each in enumerate(dict.fromkeys(owners))}
        if len(numbers) > _MOST:
            return [self._of_too_many(len(numbers))]
        of_texts = different.with_columns(
            owner=pl.Series([numbers[each] for each in owners], dtype=pl.Int64),
            known=pl.Series([not self._lacking(each) for each in owners], dtype=pl.Boolean),
        )
        rows = texts.join(of_texts, on=texts.columns, how="left", nulls_equal=True, maintain_order="left")
        data = self._data(above, rows["known"])
        whose = rows.select(pl.when(data).then("owner").forward_fill().backward_fill()).with_row_index("at")
        if not whose["owner"].count():
            return [self._of_nobody()]
        numbered = list(numbers)
        parts = (
            (numbered[int(owner)], pl.Series(at, dtype=pl.UInt32))
            for owner, at in whose.group_by("owner", maintain_order=True).agg("at").iter_rows()
        )
        return [self._portion(owner, at + above, texts[at]) for owner, at in parts if self._is_asked_for(owner)] or [
            self._of_nobody()
        ]

    def _texts(self, above: int) -> pl.DataFrame:
        """What the columns say of each row, by what it is about."""
        places, by = self.header.columns, self.contract.identification.row_columns
        below = self.grid.cells.slice(above)
        found = {key: below[f"c{places[name]}"].str.strip_chars(BLANKS) for key, name in by.items() if name in places}
        return pl.DataFrame(found).with_columns(pl.when(pl.all() != "").then(pl.all()))

    def _data(self, above: int, known: pl.Series) -> pl.Series:
        """Which rows are data: of those whose owner is known all that are filled, of the others those that look like it."""
        columns = Columns(self.contract, self.grid, self.header)
        cells = self.grid.cells.slice(above)
        body = Body.of(cells, columns, above + 1, pl.int_range(above + 1, above + 1 + cells.height, eager=True))
        is_data = body.filled > 0
        return is_data & (known | data_rows(body, columns).keep) if (is_data & ~known).any() else is_data

    def _lacking(self, owner: Owner) -> frozenset[str]:
        """What the columns should say of it and do not."""
        by, said = self.contract.identification.row_columns, owner._asdict()
        return frozenset(key for key in by if said[key] is None)

    def _owner(self, said: Mapping[str, str | None]) -> Owner:
        end = self._period_end(said["period_end"]) if said.get("period_end") else None
        return Owner(self._supplier(said.get("supplier_code"), end or self.end), end)

    def _supplier(self, text: str | None, on: date | None) -> str | None:
        """The code of the organisation that a text names, by its code or a name that is listed."""
        if not text:
            return None
        known = self.reference.organisation(text.upper(), on) or self.reference.resolve(text, on).organisation
        return known.code if known else None

    def _period_end(self, text: str | None) -> date | None:
        """The day that a text names; the last day of a month that it names alone."""
        forms = self.contract.column(str(self.contract.identification.period_column)).forms
        # A workbook gives days in ISO 8601, perhaps with a time.
        typed = form(ISO).read(str(text)[: len(ISO)]) if self.grid.typed else None
        moments = (typed, *(each.read(str(text)) for each in forms))
        day = next((each.date() for each in moments if each), None)
        if day is None or "day" in forms[0].fields:
            return day
        return day.replace(day=monthrange(day.year, day.month)[1])

    def _is_asked_for(self, owner: Owner) -> bool:
        """Whether the rows are of the supplier and the period that the caller asks for."""
        asked, by = self.given, self.contract.identification.row_columns
        code, end = asked.supplier_code, asked.period_end
        is_supplier = code is None or "supplier_code" not in by or (owner.supplier_code or "").upper() == code.upper()
        return is_supplier and (end is None or "period_end" not in by or owner.period_end == end)

    def _portion(self, owner: Owner, at: pl.Series, texts: pl.DataFrame) -> Portion:
        supplier, end = owner.supplier_code or self.given.supplier_code, owner.period_end or self.given.period_end
        lacking = self._lacking(owner)
        findings = [self._unknown(key, texts) for key in sorted(lacking)]
        found = replace(self.found, grid=self._grid(at)).with_findings(*findings)
        return Portion(found, replace(self.given, supplier_code=supplier, period_end=end), owner, lacking)

    def _grid(self, at: pl.Series) -> Grid:
        """The sheet up to its header, and these of its rows."""
        header = pl.int_range(self.header.row + 1, dtype=pl.UInt32, eager=True)
        return self.grid.some(pl.concat([header, at.cast(pl.UInt32)]))

    def _unknown(self, key: str, texts: pl.DataFrame) -> Finding:
        """Says what stands in the column that should say it."""
        column, said = self._column(key), Counter(texts[key]) if key in texts.columns else Counter[str | None]()
        named = [f"‘{text}’ in {counted(rows, 'row')}" for text, rows in said.most_common() if text]
        empty = [f"nothing in {counted(said[None], 'row')}"] if said[None] else []
        more = [f"{len(named) - _NAMED} other texts"] if len(named) > _NAMED else []
        what = "whose rows these are" if key == "supplier_code" else "for which period these rows are"
        text = f"‘{column.header}’ does not say {what}: {', '.join([*named[:_NAMED], *more, *empty])}."
        return make(_CODES[key], expected=text)

    def _column(self, key: str) -> Column:
        return self.contract.column(self.contract.identification.row_columns[key])

    def _of_too_many(self, owners: int) -> Portion:
        """A sheet whose columns hold something else than suppliers and periods: no row of it is taken."""
        by = self.contract.identification.row_columns
        names = " and ".join(f"‘{self._column(key).header}’" for key in by)
        text = f"By {names}, the rows are of {owners:,} different returns; at most {_MOST:,} are told apart in a file."
        found = self.found.with_findings(make(_CODES[next(iter(by))], expected=text))
        return Portion(found, self.given, NOBODY_NAMED, frozenset(by))

    def _of_nobody(self) -> Portion:
        """A sheet without a row that would say whose it is, or without one of those that are asked for."""
        by, given = self.contract.identification.row_columns, self.given
        whose = f" of {given.supplier_code}" if given.supplier_code and "supplier_code" in by else ""
        when = f" for the period to {in_words(given.period_end)}" if given.period_end and "period_end" in by else ""
        names = " and ".join(f"‘{self._column(key).header}’" for key in by)
        text = f"There is no row{whose}{when}: {names} says of each row whose it is."
        found = replace(self.found, grid=self._grid(pl.Series(dtype=pl.UInt32)))
        code = _CODES[next(iter(by))]
        return Portion(found.with_findings(make(code, expected=text)), given, NOBODY_NAMED, frozenset(by))
