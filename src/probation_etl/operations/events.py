"""What is told of a run, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from probation_etl.reports.run_report import RunReport

from probation_etl.discreet import Discreet

#: Ends of a run that ask nobody to do anything: another run was at work, or somebody ended this one.
_NOTHING_TO_DO = (0, 75, 130, 143)
#: Ends that came from outside.
_ENDED_FROM_OUTSIDE = (130, 143)


@dataclass(frozen=True)
class Begun(Discreet):
    """A run that begins.

    Attributes:
        started_at: When, in UTC.
        store: Its store, without a password.
        inbox: The directory with the returns.
    """

    run_id: str
    started_at: datetime
    store: str
    inbox: Path


@dataclass(frozen=True)
class Failure(Discreet):
    """What went wrong, in words of ours.

    Attributes:
        code: What kind of error it is, as in the logs.
    """

    code: str
    exit_code: int
    message: str


@dataclass(frozen=True)
class Ended(Discreet):
    """A run that has ended.

    Attributes:
        ended_at: When, in UTC.
        exit_code: What the command ends with.
        report: What was found; None if the run failed before it was known.
        reports: Folder of the run's reports; None where none were written.
        failure: What went wrong; None if nothing did.
    """

    run: Begun
    ended_at: datetime
    seconds: float
    exit_code: int
    report: RunReport | None = None
    reports: Path | None = None
    failure: Failure | None = None

    @property
    def state(self) -> Literal["finished", "failed"]:
        """Whether the work was done, however the returns are."""
        return "failed" if self.failure else "finished"

    @property
    def asks_for_action(self) -> bool:
        """Whether somebody has to do something: about returns, about release checks, or about the run itself."""
        return self.exit_code not in _NOTHING_TO_DO

    @property
    def ended_from_outside(self) -> bool:
        """Whether somebody ended it before it was done."""
        return self.exit_code in _ENDED_FROM_OUTSIDE


class NotTold(Exception):
    """A target cannot be told of a run; the text says why, in words of ours."""


class Observer:
    """Something that is told of a run.

    Attributes:
        name: Who it is, for warnings, without what is secret in its address.
        is_remote: Whether it is told over a network, which may take time.
    """

    name: str
    is_remote = False

    def begun(self, run: Begun) -> None:
        """The run begins."""

    def working(self, run: Begun, done: int | None, total: int | None) -> None:
        """The work goes on, and so many of all files are done; None before they are counted."""

    def ended(self, end: Ended) -> None:
        """The run has ended, in whatever way."""
