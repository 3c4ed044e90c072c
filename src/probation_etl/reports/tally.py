"""What a run did, in numbers alone: returns by verdict, rows, findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from probation_etl.discreet import Discreet
from probation_etl.intake.verdict import Rows
from probation_etl.reports.return_report import FindingCounts
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.verdicts import VERDICTS


@dataclass(frozen=True)
class Tally(Discreet):
    """Numbers of a run. Rows and findings of returns that are unchanged were counted by the run that loaded them.

    Attributes:
        returns: Number of returns by verdict, every verdict in it.
    """

    returns: Mapping[str, int]
    rows: Rows
    findings: FindingCounts

    @classmethod
    def of(cls, report: RunReport) -> Tally:
        """The numbers of a run."""
        verdicts = Counter(each.verdict for each in report.returns)
        new = [each for each in report.returns if each.verdict != "unchanged"]
        rows = Counter[str]()
        for each in new:
            rows.update(asdict(each.rows))
        errors, warnings = sum(each.counts.error for each in new), sum(each.counts.warning for each in new)
        return cls({verdict: verdicts[verdict] for verdict in VERDICTS}, Rows(**rows), FindingCounts(errors, warnings))

    def as_dict(self) -> dict[str, int]:
        """All of them by name, those of verdicts where there are any."""
        verdicts = {f"returns_{verdict}": number for verdict, number in self.returns.items() if number}
        rows = {f"rows_{name}": number for name, number in asdict(self.rows).items()}
        findings = {"errors": self.findings.error, "warnings": self.findings.warning}
        return {"returns": sum(self.returns.values()), **verdicts, **rows, **findings}
