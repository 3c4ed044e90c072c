"""NHS England's Data Validation Engine on DuckDB: types by its data contract, all else by its business rules.

It needs older versions of DuckDB, Polars and pandas, and so an environment of its own.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
from dve.core_engine.backends.implementations.duckdb.auditing import DDBAuditingManager
from dve.core_engine.models import SubmissionInfo
from dve.pipeline.duckdb_pipeline import DDBDVEPipeline

from work import Column, Work

_TYPES: dict[str, Any] = {
    "string": "str", "integer": "int", "date": {"callable": "conformatteddate", "constraints": {"date_format": "%Y-%m-%d"}},
}  # fmt: skip


def checker(work: Work) -> Callable[[Path], int]:
    """Transforms the file, applies the data contract and the business rules; gives the records that were rejected."""
    logging.disable(logging.CRITICAL)
    folder = Path(tempfile.mkdtemp())
    rules = folder / "work.dischema.json"
    rules.write_text(json.dumps(_document(work)), encoding="utf-8")

    def faulty(path: Path) -> int:
        processed = Path(tempfile.mkdtemp(dir=folder))
        info = SubmissionInfo(
            submission_id=uuid4().hex, dataset_id="breaches", file_name=path.stem, file_extension="csv"
        )
        (processed / info.submission_id).mkdir()
        shutil.copy(path, processed / info.submission_id / path.name)
        connection = duckdb.connect()
        audit = DDBAuditingManager(":memory:", connection=connection)
        pipeline = DDBDVEPipeline(str(processed), audit, connection, str(rules), str(path.parent))
        info, status = pipeline.file_transformation(info)
        info, status = pipeline.apply_data_contract(info, status)
        info, status = pipeline.apply_business_rules(info, status)
        shutil.rmtree(processed)
        return int(status.number_of_records_rejected or 0)

    return faulty


def _document(work: Work) -> dict[str, Any]:
    fields = {each.name: _TYPES[each.type] for each in work.columns}
    reader = {".csv": {"reader": "DuckDBCSVReader", "kwargs": {"null_empty_strings": True}}}
    key = ", ".join(work.key)
    counted = [
        _added("nsi_id_times", "COUNT(*) OVER (PARTITION BY nsi_id)"), _added("key_times", f"COUNT(*) OVER (PARTITION BY {key})"),
    ]  # fmt: skip
    conditions = [condition for each in work.columns for condition in _of_column(each)]
    conditions += [(each.id, each.sql) for each in work.rules]
    conditions += [("nsi_id|unique", "nsi_id_times = 1"), ("key", "key_times = 1")]
    return {
        "contract": {"datasets": {"breaches": {"fields": fields, "reader_config": reader}}},
        "transformations": {
            "parameters": {"entity": "breaches"}, "rules": counted,
            "filters": [_filter(*each) for each in conditions],
        },
    }  # fmt: skip


def _added(name: str, expression: str) -> dict[str, str]:
    return {"operation": "add", "entity": "breaches", "column_name": name, "expression": expression}


def _filter(name: str, condition: str) -> dict[str, str]:
    return {
        "entity": "breaches", "name": name, "expression": f"COALESCE({condition}, TRUE)", "failure_type": "record",
        "failure_message": name, "error_code": name, "reporting_field": "nsi_id",
    }  # fmt: skip


def _of_column(column: Column) -> Iterator[tuple[str, str]]:
    name = column.name
    if column.required:
        yield f"{name}|required", f"{name} IS NOT NULL"
    if column.pattern:
        yield f"{name}|pattern", f"regexp_matches({name}, '{column.pattern}')"
    if column.most is not None:
        yield f"{name}|range", f"{name} BETWEEN {column.least} AND {column.most}"
    if column.longest is not None:
        yield f"{name}|length", f"length({name}) <= {column.longest}"
    if column.values:
        yield f"{name}|enum", f"{name} IN ({', '.join(repr(each) for each in column.values)})"
