"""Returns that a store keeps, judged by both contracts: which verdicts and rows another version would change. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from probation_etl.comparison.compare import Comparison
from probation_etl.comparison.mapped import MappedChange, compared_rows
from probation_etl.comparison.sides import Side
from probation_etl.contracts.model import LINEAGE_COLUMNS, ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.intake.assess import assess
from probation_etl.intake.reference_tables import check_reference_tables
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import NOTHING_GIVEN, Given
from probation_etl.journal import goes_on
from probation_etl.stores import LedgerEntry, Store, snapshot
from probation_etl.unified.harmonise import harmonised

_ROW = LINEAGE_COLUMNS[1]
_PLACE = ("rule", "code", "severity", "column", "row")
#: Rows that are named of each rule.
_ROWS = 20


@dataclass(frozen=True)
class Outcome(Discreet, tells=("verdict",)):
    """What one contract makes of a return."""

    verdict: str
    read: int
    accepted: int
    quarantined: int


@dataclass(frozen=True)
class Findings(Discreet, tells=("rule", "code")):
    """Findings of one rule that are raised or gone, without any value.

    Attributes:
        count: How many they are.
        rows: The first of their rows, as a person sees them; none for findings of the whole return.
    """

    rule: str
    code: str
    severity: str
    column: str | None
    count: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Replayed(Discreet, tells=("return_id",)):
    """A kept return, judged by both contracts.

    Attributes:
        return_id: Name of the attempt in the store.
        file: Its file, as it may be shown.
        before: What the first contract makes of it; None where it cannot be judged.
        after: What the second does.
        raised: Findings that it has by the second contract alone.
        gone: Findings that it has by the first alone.
        mapped: What its rows become otherwise, values left out.
        why: Why it cannot be judged.
    """

    return_id: str
    file: str
    sheet: str | None
    supplier_code: str | None
    period_end: date | None
    before: Outcome | None = None
    after: Outcome | None = None
    raised: tuple[Findings, ...] = ()
    gone: tuple[Findings, ...] = ()
    mapped: tuple[MappedChange, ...] = ()
    why: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything about it is otherwise, or cannot be known."""
        return bool(self.why or self.raised or self.gone or self.mapped) or self.before != self.after

    @property
    def loses(self) -> bool:
        """Whether rows that were accepted are not any more."""
        before, after = self.before, self.after
        if before is None:
            return False
        if after is None:
            return before.verdict != "rejected"
        return after.accepted < before.accepted or (after.verdict == "rejected" != before.verdict)

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON."""
        end = self.period_end.isoformat() if self.period_end else None
        return {**asdict(self), "period_end": end, "differs": self.differs, "loses": self.loses}


def replayed(
    url: str, compared: Iterable[Comparison], rulebooks: tuple[Rulebook, Rulebook], *, versions: bool
) -> Iterator[Replayed]:
    """Judges the returns that a store keeps by both contracts of each comparison, one return at a time.

    Args:
        url: URL of the store, which is read as it was last committed and not changed.
        compared: The contracts.
        rulebooks: Contracts and reference tables of both sides.
        versions: Whether a return is judged only if the first contract is the version that it was judged by; else by its id alone.

    Raises:
        UsageError, StoreError: The store cannot be read.
    """
    pairs: dict[tuple[str, str | None], tuple[ReturnContract, ReturnContract]] = {}
    for each in compared:
        if isinstance(each.before, ReturnContract) and isinstance(each.after, ReturnContract):
            pairs[each.before.id, each.before.version if versions else None] = each.before, each.after
    before = rulebooks[0]
    with snapshot(url, before.contracts, before.tables, check=check_reference_tables) as store:
        entries: dict[tuple[str, str | None], list[LedgerEntry]] = {}
        for entry in store.ledger.entries():
            key = (entry.contract_id or "", entry.contract_version if versions else None)
            if key in pairs and _counts(entry):
                entries.setdefault(key, []).append(entry)
        for key, found in entries.items():
            sides = _for_all(pairs[key], rulebooks, found)
            for entry in found:
                goes_on()
                yield _replayed(entry, store, *sides)


def _counts(entry: LedgerEntry) -> bool:
    """Whether a return counts, or would if it had been accepted."""
    rejected = entry.is_newest and not entry.loaded and not entry.contested
    return (entry.is_current or rejected) and not entry.withdrawn and not entry.purged_at


def _for_all(
    pair: tuple[ReturnContract, ReturnContract], rulebooks: tuple[Rulebook, Rulebook], entries: list[LedgerEntry]
) -> tuple[Side, Side]:
    """Both contracts, in force for the periods of all returns beside their own."""
    ends = [each.period_end for each in entries if each.period_end]
    first, last = min(ends, default=None), max(ends, default=None)
    sides = []
    for contract, rulebook in zip(pair, rulebooks, strict=True):
        begins, ended = contract.effective_from, contract.effective_to
        wider = replace(
            contract,
            effective_from=min(begins, first) if begins and first else begins,
            effective_to=max(ended, last) if ended and last else ended,
        )
        sides.append(Side.of(wider, rulebook, alone=False))
    return sides[0], sides[1]


def _replayed(entry: LedgerEntry, store: Store, before: Side, after: Side) -> Replayed:
    shown = Replayed(entry.return_id, entry.file, entry.sheet, entry.supplier_code, entry.period_end)
    content = store.content(entry.sha256)
    if content is None:
        return replace(shown, why="the store does not keep its file")
    one = _judged(entry, content, store, before, NOTHING_GIVEN) or _judged(
        entry, content, store, before, _known(entry, before)
    )
    if one is None:
        return replace(shown, why="its file is taken for another return")
    given, first = one
    # By the second contract it is judged as by the first: a file that told what it is must tell that still.
    other = _judged(entry, content, store, after, NOTHING_GIVEN if given == NOTHING_GIVEN else _known(entry, after))
    if other is None:
        return replace(
            shown, before=_outcome(first), why="by the second contract, its file is not recognised as this return"
        )
    second = other[1]
    places = [_places(each) for each in (first, second)]
    return replace(
        shown, before=_outcome(first), after=_outcome(second), raised=_only_in(places[1], places[0]),
        gone=_only_in(places[0], places[1]), mapped=tuple(_mapped(first, second, before, after)),
    )  # fmt: skip


def _known(entry: LedgerEntry, side: Side) -> Given:
    return Given((side.contract,), entry.supplier_code, entry.period_end)


def _judged(
    entry: LedgerEntry, content: bytes, store: Store, side: Side, given: Given
) -> tuple[Given, ReturnResult] | None:
    """The return in a kept file, with what was given to find it; None where the file is not taken for it."""
    results = assess(entry.file, content, side.rulebook, given=given, references=store.references)
    for each in results:
        contract = each.contract
        if contract and contract.id == side.contract.id and each.period_end == entry.period_end:
            return given, each
    return None


def _outcome(result: ReturnResult) -> Outcome:
    return Outcome(result.verdict, result.rows.read, result.rows.accepted, result.rows.quarantined)


def _places(result: ReturnResult) -> pl.DataFrame:
    """The findings of a return by rule and place, without what they say."""
    return pl.concat(list(result.found.of_columns(_PLACE))).unique()


def _only_in(one: pl.DataFrame, other: pl.DataFrame) -> tuple[Findings, ...]:
    """What one of them has and the other has not, by rule."""
    found = one.join(other, on=_PLACE, how="anti", nulls_equal=True)
    by_rule = found.group_by(_PLACE[:-1]).agg(pl.len().alias("n"), pl.col("row").drop_nulls().sort().head(_ROWS))
    return tuple(
        Findings(each["rule"], each["code"], each["severity"], each["column"], each["n"], tuple(each["row"]))
        for each in by_rule.sort(_PLACE[:-1], nulls_last=True).rows(named=True)
    )


def _mapped(first: ReturnResult, second: ReturnResult, before: Side, after: Side) -> list[MappedChange]:
    """What rows that both contracts accept become otherwise."""
    made = [harmonised(result, side.rulebook) for result, side in ((first, before), (second, after))]
    if not made[0] or not made[1]:
        return []
    ((old, ours),), ((new, theirs),) = made[0].items(), made[1].items()
    if old != new:
        return [MappedChange(old, None, first.rows.accepted, first.rows.accepted, "", "")]
    frames = ours.whole(), theirs.whole()
    both = [
        one.join(other, on=_ROW, how="semi").sort(_ROW, maintain_order=True) for one, other in (frames, frames[::-1])
    ]
    tables = [each.rulebook.unified_for(each.contract) for each in (before, after)]
    found = compared_rows(both[0], both[1], tables[0], tables[1], both[0][_ROW].n_unique())
    return [replace(each, before="", after="") for each in found]
