"""Numbers of the newest run for Prometheus, in a file that the textfile collector of node_exporter reads."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import get_args

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from probation_etl.files import write_file
from probation_etl.operations.events import Ended, Observer
from probation_etl.reports.not_taken import State
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.tally import Tally
from probation_etl.version import VERSION

_PREFIX = "probation_etl"
_LAST_SUCCESS = f"{_PREFIX}_run_last_success_timestamp_seconds"


class Metrics(Observer):
    """Writes the file when a run has ended; a file that is there keeps its mode."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = f"the metrics file {path}"

    def ended(self, end: Ended) -> None:
        """Writes the numbers, the time of the last run that did its work among them, which may be an earlier one."""
        registry = CollectorRegistry()
        ended_at = end.ended_at.replace(tzinfo=UTC).timestamp()
        success = self._last_success() if end.failure else ended_at
        _gauge(registry, "run_timestamp_seconds", "When the last run ended.", ended_at)
        if success is not None:
            _gauge(registry, "run_last_success_timestamp_seconds", "When a run last did its work.", success)
        _gauge(registry, "run_duration_seconds", "How long the last run took.", end.seconds)
        _gauge(registry, "run_exit_code", "What the last run ended with.", end.exit_code)
        if end.report:
            _of_report(registry, end.report)
        info = Gauge(f"{_PREFIX}_info", "Version of the program.", ["version"], registry=registry)
        info.labels(VERSION).set(1)
        write_file(self._path, generate_latest(registry))

    def _last_success(self) -> float | None:
        """What the file says now; None where it is not there or not ours."""
        with suppress(OSError, ValueError):
            for family in text_string_to_metric_families(self._path.read_text(encoding="utf-8")):
                if family.name == _LAST_SUCCESS:
                    return next((sample.value for sample in family.samples), None)
        return None


def _of_report(registry: CollectorRegistry, report: RunReport) -> None:
    tally = Tally.of(report)
    _gauges(registry, "returns", "Returns of the last run by verdict.", "verdict", dict(tally.returns))
    _gauges(registry, "rows", "Rows of new returns by outcome.", "outcome", asdict(tally.rows))
    _gauges(registry, "findings", "Findings in new returns by severity.", "severity", asdict(tally.findings))
    passed = sum(each.passed for each in report.release_checks)
    checks = {"passed": passed, "failed": len(report.release_checks) - passed}
    _gauges(registry, "release_checks", "Release checks of the last run by outcome.", "outcome", checks)
    states = Counter(each.state for each in report.not_taken)
    waiting = {state: states[state] for state in get_args(State)}
    _gauges(registry, "files_not_taken", "Entries of the inbox that were not taken.", "state", waiting)
    parked = sum(any(one.code == "parked-file" for one in each.findings) for each in report.returns)
    _gauge(registry, "files_parked", "Files that no run reads until somebody takes them back.", parked)
    if report.released is not None:
        _gauge(registry, "released", "Whether readers see all that is loaded.", int(report.released))


def _gauge(registry: CollectorRegistry, name: str, help_: str, value: float) -> None:
    Gauge(f"{_PREFIX}_{name}", help_, registry=registry).set(value)


def _gauges(registry: CollectorRegistry, name: str, help_: str, label: str, values: dict[str, int]) -> None:
    gauge = Gauge(f"{_PREFIX}_{name}", help_, [label], registry=registry)
    for key, value in values.items():
        gauge.labels(key).set(value)
