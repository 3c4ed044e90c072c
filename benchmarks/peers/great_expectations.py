"""Great Expectations on pandas: an expectation for each check, with the index of every row that fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import pandas as pd
from great_expectations import expectations

from work import PERIOD_END, SUPPLIER, Column, Work

#: Its arguments are those of any expectation.
gxe: Any = expectations
_LOGGED, _HEARD = "logged_date", "hearing_date"
_EARLY = "nsi_status_code not in ['BRE01', 'BRE02', 'BRE03', 'BRE04', 'BRE06', 'BRE17', 'BRE18']"
_ENDED = "['BRE07', 'BRE08', 'BRE09', 'BRE15', 'BRE16']"


def checker(work: Work) -> Callable[[Path], int]:
    """Validates a frame whose columns are cast, with the texts beside it."""

    def faulty(path: Path) -> int:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])
        for name in work.of_type("date"):
            frame[f"{name}__text"] = frame[name]
            frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d", errors="coerce")
        for name in work.of_type("integer"):
            frame[f"{name}__text"] = frame[name]
            frame[name] = pd.to_numeric(frame[name], errors="coerce")
        frame["row"] = range(len(frame))
        context = gx.get_context(mode="ephemeral")
        source = context.data_sources.add_pandas("work")
        batch = (
            source.add_dataframe_asset("sent")
            .add_batch_definition_whole_dataframe("all")
            .get_batch({"dataframe": frame})
        )
        suite = gx.ExpectationSuite("work", expectations=list(_expectations(work)))
        result_format: Any = {
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["row"],
            "return_unexpected_index_query": False,
        }
        outcome = batch.validate(suite, result_format=result_format)
        rows: set[int] = set()
        for each in outcome.results:
            if each.exception_info.get("raised_exception"):
                raise RuntimeError(str(each.exception_info)[:500])
            rows.update(at["row"] for at in each.result.get("unexpected_index_list") or ())
        return len(rows)

    return faulty


def _expectations(work: Work) -> Iterator[Any]:
    for column in work.columns:
        yield from _of_column(column)
    yield gxe.ExpectCompoundColumnsToBeUnique(column_list=list(work.key), ignore_row_if="never")
    last = str(PERIOD_END)
    yield gxe.ExpectColumnValuesToBeInSet(column="provider_code", value_set=[SUPPLIER])
    for later, earlier in ((_LOGGED, "referral_date"), (_HEARD, _LOGGED)):
        yield gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=later, column_B=earlier, or_equal=True, ignore_row_if="either_value_is_missing"
        )
    for name in ("referral_date", _LOGGED, _HEARD):
        yield gxe.ExpectColumnValuesToBeBetween(column=name, max_value=pd.Timestamp(last))
    yield gxe.ExpectColumnValuesToNotBeNull(column=_LOGGED, **_where(_EARLY))
    yield gxe.ExpectColumnValuesToNotBeNull(column=_HEARD, **_where(f"nsi_status_code in {_ENDED}"))
    yield gxe.ExpectColumnValuesToBeNull(column=_HEARD, **_where(f"nsi_status_code not in {_ENDED}"))


def _of_column(column: Column) -> Iterator[Any]:
    name = column.name
    if column.type != "string":
        yield gxe.ExpectColumnValuesToNotBeNull(column=name, **_where(f"{name}__text == {name}__text"))
    if column.required:
        yield gxe.ExpectColumnValuesToNotBeNull(column=name)
    if column.pattern:
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex=column.pattern)
    if column.most is not None:
        yield gxe.ExpectColumnValuesToBeBetween(column=name, min_value=column.least, max_value=column.most)
    if column.longest is not None:
        yield gxe.ExpectColumnValueLengthsToBeBetween(column=name, max_value=column.longest)
    if column.values:
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(column.values))
    if column.unique:
        yield gxe.ExpectColumnValuesToBeUnique(column=name)


def _where(condition: str) -> dict[str, str]:
    return {"row_condition": condition, "condition_parser": "pandas"}
