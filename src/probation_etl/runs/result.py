"""What a run gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from probation_etl.discreet import Discreet
from probation_etl.reports.run_report import RunReport


@dataclass(frozen=True)
class RunResult(Discreet, tells=("verdict", "exit_code", "report")):
    """What a run did.

    Attributes:
        report: What was found.
        reports: Folder of the run's reports; None if nothing was new, or in a dry run.
        seconds: How long each stage took, and all of them together (``total``). Those of the summary are counted until
            ``run.json`` is written; these go on until everything is committed.
    """

    report: RunReport
    reports: Path | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The run in the shape that ``run --json`` prints."""
        return self.report.as_dict()

    @property
    def exit_code(self) -> int:
        """Exit code of the command line."""
        return self.report.exit_code

    @property
    def verdict(self) -> str:
        """The worst verdict of all returns."""
        return self.report.verdict

    @property
    def returns(self) -> list[dict[str, Any]]:
        """Every return of the run, as in the summary."""
        return list(self.summary["returns"])

    def _repr_html_(self) -> str:
        """What a notebook shows of it: the verdict, and the returns with their counts."""
        from probation_etl.reports.notebook import run_in_notebook

        return run_in_notebook(self.report)
