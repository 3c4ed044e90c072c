"""What a store is said to hold, and where two such accounts do not agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

from probation_etl.discreet import Discreet


class Disagreement(NamedTuple):
    """Where a store and its ledger file do not agree (a run, a return), and how. It never contains a value of a row."""

    where: str
    message: str


@dataclass(frozen=True)
class Holding(Discreet):
    """What a store holds of one attempt at a return.

    Attributes:
        run_id: The run that loaded it.
        sha256: Of the file that it came in.
        accepted: Rows that the ledger in the store says were accepted.
        quarantined: Rows in quarantine.
        tables: Rows in the history, by unified table; tables without any are left out.
        digest: Of all these rows; None where it was not computed.
    """

    run_id: str
    sha256: str
    accepted: int
    quarantined: int
    tables: Mapping[str, int] = field(default_factory=dict)
    digest: str | None = None

    def purged(self) -> Self:
        """The same after its rows were removed for good."""
        return replace(self, quarantined=0, tables={}, digest=None)

    def as_dict(self) -> dict[str, Any]:
        """The holding as a line of the ledger file has it."""
        return {**vars(self), "tables": dict(sorted(self.tables.items()))}

    def differs(self, found: Holding) -> str:
        """How what was found differs from this, in words; empty where it does not."""
        if (self.run_id, self.sha256, self.accepted) != (found.run_id, found.sha256, found.accepted):
            return "the ledger in the store names another run, content or number of accepted rows"
        if (self.quarantined, self.tables) == (found.quarantined, found.tables) and not (self.digest and found.digest):
            return ""
        recorded, there = ({**each.tables, "quarantine": each.quarantined} for each in (self, found))
        counts = [
            f"{there.get(name, 0)} row(s) in {name}, {recorded.get(name, 0)} recorded"
            for name in sorted({*recorded, *there})
            if there.get(name, 0) != recorded.get(name, 0)
        ]
        if counts:
            return "; ".join(counts)
        if self.digest and found.digest and self.digest != found.digest:
            return "its rows are not those that were recorded: their digest differs"
        return ""


@dataclass(frozen=True)
class Account(Discreet):
    """What a store holds: its runs, the attempts at returns, and the numbers of decisions and releases."""

    runs: Set[str] = frozenset()
    returns: Mapping[str, Holding] = field(default_factory=dict)
    decisions: Set[int] = frozenset()
    releases: Set[int] = frozenset()

    def against(self, found: Account) -> Iterator[Disagreement]:
        """Where what was found in the store does not agree with this account, which its ledger file gives."""
        lost, strange = self.runs - found.runs, found.runs - self.runs
        for run in sorted(lost):
            yield Disagreement(f"run {run}", f"the store does not have it{_loaded(self, run)}")
        for run in sorted(strange):
            yield Disagreement(f"run {run}", f"the ledger file does not have it{_loaded(found, run)}")
        for name in sorted({*self.returns, *found.returns}):
            recorded, there = self.returns.get(name), found.returns.get(name)
            if recorded and there:
                if message := recorded.differs(there):
                    yield Disagreement(name, message)
            elif recorded and recorded.run_id not in lost:
                yield Disagreement(name, "the store does not have it")
            elif there and there.run_id not in strange:
                yield Disagreement(name, "the ledger file does not have it")
        yield from _numbers("withdrawal or reinstatement", self.decisions, found.decisions)
        yield from _numbers("release", self.releases, found.releases)


def _loaded(account: Account, run: str) -> str:
    names = sorted(name for name, each in account.returns.items() if each.run_id == run)
    listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"; it loaded {listed}" if names else ""


def _numbers(what: str, recorded: Set[int], found: Set[int]) -> Iterator[Disagreement]:
    for number in sorted(recorded - found):
        yield Disagreement(f"{what} {number}", "the store does not have it")
    for number in sorted(found - recorded):
        yield Disagreement(f"{what} {number}", "the ledger file does not have it")
