"""Compares a return with the one that it corrects: which faults are fixed, which remain, which are new.

Rows move when a return is corrected, so faults are not matched by row number alone. Two faults are the same if they
break the same rule

1. in rows whose cells are all the same; otherwise
2. in rows with the same key, as the contract defines it; otherwise
3. in rows that differ only in the cell with the fault, so that a key that is still wrong in another way is the same
   fault; otherwise
4. in rows with the same number, if nothing in the rows identifies them.

Faults of the file, the header or the whole table are the same if rule and column are. Cells are compared as written,
without the white space around them. Each fault is matched with one fault at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.checks import Check
from probation_etl.contracts.model import Contract
from probation_etl.discreet import Discreet
from probation_etl.intake.readers import BLANKS
from probation_etl.intake.table import RawTable

#: The order of fixed faults, where row and column are the same.
_ORDER = ("code", "message", "rule", "severity", "row", "column", "cell", "value")


@dataclass(frozen=True)
class Side(Discreet):
    """One of two returns.

    Attributes:
        findings: Among others ``code``, ``message``, ``rule``, ``severity``, ``column``, ``cell``, ``value`` (String), ``row``
            (Int64).
        table: Its rows as text; None if they cannot be read.
    """

    findings: pl.DataFrame
    table: RawTable | None


@dataclass(frozen=True)
class CorrectedReturn(Discreet):
    """The earlier return: its name in the store, the run that loaded it, its file and its verdict."""

    return_id: str
    run_id: str
    file: str
    verdict: str


@dataclass(frozen=True)
class Resubmission(Discreet):
    """How a return compares with the one that it corrects.

    Attributes:
        fixed: Faults of the earlier return that this one does not have.
        remaining: Positions (from 0) of this return's findings that the earlier one has too.
        new: Positions of its other findings.
        findings: The findings of this return.
    """

    corrects: CorrectedReturn
    fixed: pl.DataFrame
    remaining: tuple[int, ...]
    new: tuple[int, ...]
    findings: pl.DataFrame


@dataclass(frozen=True)
class NotCompared(Discreet):
    """A return that corrects another one, where one of them is too large to be compared fault by fault."""

    corrects: CorrectedReturn


def compare(
    earlier: Side, later: Side, contract: Contract, corrects: CorrectedReturn, *, checks: Mapping[str, Check]
) -> Resubmission:
    """Compares the faults of a return with those of the one that it corrects.

    Args:
        earlier: The return that is corrected.
        later: The correction.
        contract: The contract of the correction; its key identifies rows.
        corrects: The earlier return.
        checks: The rules of the contract by name.
    """
    before, now = _Identities(earlier, contract, checks), _Identities(later, contract, checks)
    gone, left = set(range(earlier.findings.height)), set(range(later.findings.height))
    for identity in _IDENTITIES:
        for old, new in _pairs(identity(before, gone), identity(now, left)):
            gone.discard(old)
            left.discard(new)
    same = set(range(later.findings.height)) - left
    fixed = earlier.findings[sorted(gone)].sort(_ORDER, nulls_last=False)
    fixed = fixed.sort("row", "column", nulls_last=False, maintain_order=True)
    return Resubmission(corrects, fixed, tuple(sorted(same)), tuple(sorted(left)), later.findings)


def _pairs(before: Iterable[tuple[int, Hashable]], now: Iterable[tuple[int, Hashable]]) -> Iterable[tuple[int, int]]:
    """Pairs of positions with the same identity on both sides; each position is used once."""
    waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
    for position, identity in before:
        waiting[identity].append(position)
    pairs = []
    for position, identity in now:
        if waiting.get(identity):
            pairs.append((waiting[identity].pop(0), position))
    return pairs


class _Identities:
    """What identifies each fault of one return, in several ways."""

    def __init__(self, side: Side, contract: Contract, checks: Mapping[str, Check]) -> None:
        self._contract, self._checks = contract, checks
        self._faults = list(side.findings.select("code", "rule", "column", "row").iter_rows())
        self._rows = _texts(side, contract)

    def of_table(self, positions: Iterable[int]) -> Iterable[tuple[int, Hashable]]:
        """Faults that are not about a row, by rule and column."""
        for at in sorted(positions):
            code, rule, column, row = self._faults[at]
            if row is None:
                yield at, (code, rule, column)

    def by_row(self, positions: Iterable[int]) -> Iterable[tuple[int, Hashable]]:
        """Faults of rows, by all cells of the row."""
        for at, code, rule, texts in self._of_rows(positions):
            if any(texts.values()):
                yield at, (code, rule, frozenset(texts.items()))

    def by_key(self, positions: Iterable[int]) -> Iterable[tuple[int, Hashable]]:
        """Faults of rows with a complete key, by that key."""
        required = [name for name in self._contract.key if self._contract.column(name).required]
        for at, code, rule, texts in self._of_rows(positions):
            key = tuple(texts.get(name) for name in self._contract.key)
            if any(key) and all(texts.get(name) for name in required):
                yield at, (code, rule, key)

    def by_cells(self, positions: Iterable[int]) -> Iterable[tuple[int, Hashable]]:
        """Faults of rows, by all cells of the row except the one with the fault."""
        for at, code, rule, texts in self._of_rows(positions):
            faulty = self._checks[rule].target if rule in self._checks else ""
            others = {name: text for name, text in texts.items() if name != faulty}
            if any(others.values()):
                yield at, (code, rule, frozenset(others.items()))

    def by_number(self, positions: Iterable[int]) -> Iterable[tuple[int, Hashable]]:
        """Faults of rows whose cells are empty or unknown, by the number of the row."""
        for at in sorted(positions):
            code, rule, _, row = self._faults[at]
            if row is not None and not any(self._rows.get(row, {}).values()):
                yield at, (code, rule, row)

    def _of_rows(self, positions: Iterable[int]) -> Iterable[tuple[int, str, str, Mapping[str, str | None]]]:
        for at in sorted(positions):
            code, rule, _, row = self._faults[at]
            if row is not None and row in self._rows:
                yield at, code, rule, self._rows[row]


#: The ways to identify faults, the most reliable first.
_IDENTITIES = (
    _Identities.of_table, _Identities.by_row, _Identities.by_key, _Identities.by_cells, _Identities.by_number
)  # fmt: skip


def _texts(side: Side, contract: Contract) -> dict[int, dict[str, str | None]]:
    """The cells of rows with faults, by number of the row and name of the column."""
    if side.table is None:
        return {}
    frame = side.table.frame
    rows = side.findings["row"].drop_nulls().unique()
    columns = [name for name in contract.column_names if name in frame.columns]
    faulty = frame.filter(pl.col("source_row").is_in(rows.implode()))
    texts = faulty.select("source_row", pl.col(columns).str.strip_chars(BLANKS).replace("", None))
    return {int(row.pop("source_row")): row for row in texts.iter_rows(named=True)}
