"""Tells of a run in the words of OpenLineage: which files went in, which tables came out, with numbers of rows."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    error_message_run,
    input_statistics_input_dataset,
    job_type_job,
    output_statistics_output_dataset,
    processing_engine_run,
)
from openlineage.client.serde import Serde
from openlineage.client.uuid import generate_static_uuid

from probation_etl.files import FILE_MODE
from probation_etl.operations.addresses import WebAddress
from probation_etl.operations.events import Begun, Ended, Observer
from probation_etl.operations.web import post
from probation_etl.reports.run_report import RunReport
from probation_etl.version import VERSION

_PRODUCER = f"urn:probation-etl:{VERSION}"
_JOB = Job(
    "probation-etl", "run",
    {"jobType": job_type_job.JobTypeJobFacet("BATCH", "PROBATION-ETL", jobType="RUN", producer=_PRODUCER)},
)  # fmt: skip


class Lineage(Observer):
    """Sends the events to a server of OpenLineage, or adds them to a file, a line each."""

    def __init__(self, target: WebAddress | Path) -> None:
        self._target = target
        self.is_remote = not isinstance(target, Path)
        self.name = f"OpenLineage at {target if isinstance(target, Path) else target.shown}"

    def begun(self, run: Begun) -> None:
        """Sends START."""
        self._send(_event(RunState.START, run, run.started_at))

    def ended(self, end: Ended) -> None:
        """Sends COMPLETE, FAIL, or ABORT where somebody ended the run."""
        state = RunState.ABORT if end.ended_from_outside else RunState.FAIL if end.failure else RunState.COMPLETE
        event = _event(state, end.run, end.ended_at)
        if end.failure and event.run.facets is not None:
            event.run.facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(
                end.failure.message, "PYTHON", producer=_PRODUCER
            )
        if end.report:
            event.inputs = _inputs(end.report, end.run.inbox)
            event.outputs = _outputs(end.report, end.run.store)
        self._send(event)

    def _send(self, event: RunEvent) -> None:
        document = Serde.to_json(event)
        if isinstance(self._target, Path):
            _append(self._target, f"{document}\n")
        else:
            post(self._target, document)


def _event(state: RunState, run: Begun, moment: datetime) -> RunEvent:
    engine = processing_engine_run.ProcessingEngineRunFacet(VERSION, name="probation-etl", producer=_PRODUCER)
    return RunEvent(
        eventType=state,
        eventTime=moment.replace(tzinfo=UTC).isoformat(timespec="milliseconds"),
        run=Run(_uuid(run), {"processing_engine": engine}),
        job=_JOB,
        producer=_PRODUCER,
    )


def _uuid(run: Begun) -> str:
    """The name of the run as OpenLineage wants it: always the same for the same run."""
    return str(generate_static_uuid(run.started_at.replace(tzinfo=UTC), run.run_id.encode()))


def _inputs(report: RunReport, inbox: Path) -> list[InputDataset]:
    """Files that were read, by the names that the reports give them."""
    rows: Counter[str] = Counter()
    for each in report.returns:
        if each.verdict != "unchanged":
            rows[each.file] += each.rows.read
    folder = inbox.absolute().as_posix()
    return [
        InputDataset(
            "file", f"{folder}/{file}",
            inputFacets={"inputStatistics": input_statistics_input_dataset.InputStatisticsInputDatasetFacet(
                rowCount=number, producer=_PRODUCER
            )},
        )
        for file, number in rows.items()
    ]  # fmt: skip


def _outputs(report: RunReport, store: str) -> list[OutputDataset]:
    """Unified tables into which the run has loaded rows."""
    loaded = [
        each for each in report.reconciliation if each.scope == "run" and not each.return_id and each.measure == "rows"
    ]
    return [
        OutputDataset(
            store, f"unified.{each.table}",
            outputFacets={"outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                rowCount=int(each.in_store or 0), producer=_PRODUCER
            )},
        )
        for each in loaded
    ]  # fmt: skip


def _append(path: Path, line: str) -> None:
    """Adds a line in one piece, so that lines of runs beside each other do not mix."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, FILE_MODE)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
