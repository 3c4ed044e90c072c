"""What a run found, as the values that every report is rendered from; ``as_dict`` gives the JSON that is promised.

The shape of the JSON is published in ``docs/reference/schemas/run.schema.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from probation_etl.discreet import Discreet
from probation_etl.reports.comparison import FINDINGS_SHOWN
from probation_etl.reports.not_taken import NotTaken
from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.verdicts import NEED_ATTENTION, VERDICTS

if TYPE_CHECKING:
    from probation_etl.stores import Release
    from probation_etl.unified.activity import ActivityException
    from probation_etl.unified.reconcile import Reconciliation
    from probation_etl.unified.release_checks import CheckResult

FORMAT_VERSION = "1"


@dataclass(frozen=True)
class Unallocated(Discreet):
    """Rows of a unified table for which a lookup found no value."""

    table: str
    column: str
    value: str
    rows: int


@dataclass(frozen=True)
class FinishedRun(Discreet, tells=("run_id", "verdict")):
    """An earlier run that was loaded and did not come to its end: a later one finished it, and tells what it had to tell.

    Attributes:
        report: Its page, relative to the page of the run that tells; None where it was removed.
    """

    run_id: str
    verdict: str
    exit_code: int
    report: str | None = None


@dataclass(frozen=True, kw_only=True)
class RunReport(Discreet, tells=("run_id", "verdict")):
    """What a run did.

    Attributes:
        finished: Earlier runs that it finished; their verdicts and exit codes count as its own.
        started_at: When it started (UTC); None for a check without a store.
        exceptions: Counts outside the band of their history and peers.
        released: Whether readers of the released tables see all that is loaded; None where there is no store.
        release: The state that they see; None where nothing has been released.
        not_taken: What lies in the inbox and was not taken: what waits comes first.
        data_docs: First page of Great Expectations' own, relative to the page of the run.
        new_store: Whether there was no store before; None where there is none.
        seconds: How long each stage took until this was written, and all of them together (``total``); None without a run.
    """

    run_id: str
    started_at: datetime | None = None
    returns: tuple[ReturnReport, ...] = ()
    reconciliation: tuple[Reconciliation, ...] = ()
    release_checks: tuple[CheckResult, ...] = ()
    unallocated: tuple[Unallocated, ...] = ()
    exceptions: tuple[ActivityException, ...] = ()
    released: bool | None = None
    release: Release | None = None
    not_taken: tuple[NotTaken, ...] = ()
    data_docs: str | None = None
    new_store: bool | None = None
    finished: tuple[FinishedRun, ...] = ()
    seconds: Mapping[str, float] | None = None

    @property
    def verdict(self) -> str:
        """The worst verdict of all returns, those of runs that it finished included."""
        found = [each.verdict for each in self.returns] + [each.verdict for each in self.finished]
        return max(found, key=VERDICTS.index, default="unchanged")

    @property
    def exit_code(self) -> int:
        """What the command line ends with."""
        faulty = any(each.verdict in NEED_ATTENTION for each in self.returns)
        unreleased = any(not each.passed and each.severity != "warning" for each in self.release_checks)
        own = 1 if faulty or unreleased else 0
        return max(own, *(each.exit_code for each in self.finished), own)

    @property
    def tells(self) -> bool:
        """Whether there is something to tell though every return is well: a path may be mistyped, an old return came again."""
        return bool(self.new_store and self.returns) or any(
            each.verdict == "unchanged" and each.findings for each in self.returns
        )

    def shortened(self, most: int = FINDINGS_SHOWN) -> RunReport:
        """The same with so many findings of each return listed at most."""
        return replace(self, returns=tuple(each.shortened(most) for each in self.returns))

    def as_dict(self) -> dict[str, Any]:
        """The run as JSON."""
        return {
            "format_version": FORMAT_VERSION,
            "run_id": self.run_id,
            "started_at": f"{self.started_at.isoformat()}Z" if self.started_at else None,
            "verdict": self.verdict,
            "returns": [each.as_dict() for each in self.returns],
            "reconciliation": [each.as_dict() for each in self.reconciliation],
            "release_checks": [dict(vars(each)) for each in self.release_checks],
            "unallocated": [dict(vars(each)) for each in self.unallocated],
            "exceptions": [each.as_dict() for each in self.exceptions],
            "released": self.released,
            "release": self.release and self.release.as_dict(),
            "not_taken": [dict(vars(each)) for each in self.not_taken],
            "data_docs": self.data_docs,
            "new_store": self.new_store,
            "finished_runs": [asdict(each) for each in self.finished],
            "seconds": None if self.seconds is None else dict(self.seconds),
            "exit_code": self.exit_code,
        }
