"""Release checks: what must hold of a unified table as a whole before it is published.

Suites are built out of the unified contracts. Only this module imports Great Expectations, and only inside
functions, as that takes seconds. Of what the library finds, the verdict and the number of rows are kept; all
else, its error texts above all, may hold values of the data and is dropped.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import polars.selectors as cs

from probation_etl.contract import Column, Contract
from probation_etl.errors import ContractError

if TYPE_CHECKING:
    import great_expectations as gx
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation


@dataclass(frozen=True)
class CheckResult:
    """What one release check found: ``detail`` says what was expected, and how many rows are otherwise."""

    table: str
    check: str
    passed: bool
    detail: str


class _Check(NamedTuple):
    name: str
    expected: str
    type: str
    kwargs: dict[str, Any]


def read_suite(document: Mapping[str, Any]) -> gx.ExpectationSuite:
    """A suite of Great Expectations from its form in JSON, as ``exports`` writes it."""
    with _quiet():
        import great_expectations as gx

        return gx.ExpectationSuite(**document)


def to_expectation_suite(contract: Contract) -> gx.ExpectationSuite:
    """The contract of a unified table or view as a suite of Great Expectations.

    Each expectation has the name of its check as ``meta["check"]`` and says in words what it expects. Missing
    values in a key of several columns are equal: the queries of the views group them so, and two rows that
    share the rest of a key are one case sent twice. In a key of one column they are left to ``required``.

    Raises:
        ContractError: The library does not know, or refuses, one of the contract's own expectations.
    """
    with _quiet():
        import great_expectations as gx

        return gx.ExpectationSuite(contract.id, [_expectation(check, contract) for check in _plan(contract)])


def check_releases(frames: Mapping[str, pl.DataFrame], contracts: Iterable[Contract]) -> list[CheckResult]:
    """Checks every unified table and view of which a frame is given, in the order of the contracts.

    Without rows every check on values and keys passes; what a contract itself expects of the whole, such as a
    number of rows, is judged as ever. A check that cannot be computed has failed. NaN counts as missing.
    """
    wanted = [each for each in contracts if each.layer in ("unified", "view") and each.table in frames]
    return [result for contract in wanted for result in _check_table(contract, frames[contract.table])]


def _plan(contract: Contract) -> Iterator[_Check]:
    """All checks of a contract, each under a name that no other has."""
    on_columns = [check for column in contract.columns for check in _column_checks(column)]
    seen: Counter[str] = Counter()
    for check in (*on_columns, *_key_checks(contract.key), *map(_own_check, contract.expectations)):
        seen[check.name] += 1
        yield check if seen[check.name] == 1 else check._replace(name=f"{check.name} ({seen[check.name]})")


def _column_checks(column: Column) -> Iterator[_Check]:
    # Patterns are of ECMA-262; in pandas \d takes the digits of every script, and $ lets a line break follow.
    regex = re.sub(r"(?<!\\)\$\Z", r"\\Z", (column.pattern or "").replace(r"\d", "[0-9]"))
    characters = f"{column.min_length or 0} to {column.max_length or 'any number of'} characters"
    size = {"min_value": column.min_length, "max_value": column.max_length}
    one_of = f"one of: {', '.join(column.labels)}"
    checks: tuple[tuple[Any, str, str, str, dict[str, Any]], ...] = (
        (True, "exists", "the column to exist", "to_exist", {}),
        (column.required, "required", "a value in every row", "values_to_not_be_null", {}),
        (column.labels, "not-in-list", one_of, "values_to_be_in_set", {"value_set": list(column.labels)}),
        (column.pattern, "pattern", f"the form {column.pattern}", "values_to_match_regex", {"regex": regex}),
        (any(size.values()), "length", characters, "value_lengths_to_be_between", size),
        (column.unique, "unique", "no value twice", "values_to_be_unique", {}),
        *_bounds(column),
    )
    for wanted, name, words, type_, given in checks:
        if wanted:
            kwargs = {"column": column.name, **given}
            yield _Check(f"{column.name}|{name}", words, f"expect_column_{type_}", kwargs)


def _bounds(column: Column) -> Iterator[tuple[bool, str, str, str, dict[str, Any]]]:
    for check, words, bound, side in (
        ("minimum", "at least", column.minimum, "min"),
        ("maximum", "at most", column.maximum, "max"),
        ("exclusive-minimum", "more than", column.exclusive_minimum, "min"),
        ("exclusive-maximum", "less than", column.exclusive_maximum, "max"),
    ):
        strict, value = check.startswith("exclusive"), float(bound) if isinstance(bound, Decimal) else bound
        kwargs = {f"{side}_value": value, f"strict_{side}": strict}
        yield bound is not None, check, f"{words} {bound}", "values_to_be_between", kwargs


def _key_checks(key: tuple[str, ...]) -> Iterator[_Check]:
    expected = f"no two rows with the same {', '.join(key)}"
    if len(key) == 1:  # the library refuses a compound key of one column
        yield _Check("key|unique", expected, "expect_column_values_to_be_unique", {"column": key[0]})
    elif key:
        given = {"column_list": list(key), "ignore_row_if": "never"}
        yield _Check("key|unique", expected, "expect_compound_columns_to_be_unique", given)


def _own_check(given: Mapping[str, Any]) -> _Check:
    """An expectation that the contract spells out, named for its column and what it expects of it."""
    type_, kwargs = str(given.get("type")), dict(given.get("kwargs") or {})
    what = type_.removeprefix("expect_").removeprefix("column_").removeprefix("table_").replace("_", "-")
    arguments = ", ".join(f"{name} {value}" for name, value in kwargs.items() if name != "column")
    name = f"{kwargs.get('column', 'table')}|{what}"
    return _Check(name, f"{what.replace('-', ' ')} ({arguments})", type_, kwargs)


def _expectation(check: _Check, contract: Contract) -> Expectation:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    try:
        made = ExpectationConfiguration(check.type, check.kwargs, {"check": check.name})
        made.description = check.expected
        return made.to_domain_obj()
    except Exception:  # noqa: BLE001 - what the library raises here has no base class of its own
        place = f"{contract.path or contract.id}: the expectation ‘{check.type}’ ({check.name}) was refused."
        raise ContractError(f"{place} Check its type and kwargs in the library's documentation.") from None


def _check_table(contract: Contract, frame: pl.DataFrame) -> Iterator[CheckResult]:
    with _quiet():
        found = _validate(to_expectation_suite(contract), frame)
    for check in _plan(contract):
        passed, outcome = _outcome(found.get(check.name), frame.height)
        yield CheckResult(contract.table, check.name, passed, f"expected {check.expected}: {outcome}")


def _validate(suite: gx.ExpectationSuite, frame: pl.DataFrame) -> dict[str, ExpectationValidationResult]:
    """Results by name of check, as the library changes the order; without those it could not compute."""
    counts = {"result_format": "BASIC", "exclude_unexpected_values": True, "partial_unexpected_count": 0}
    try:
        results = _batch(frame).validate(suite, result_format=counts).results
    except Exception:  # noqa: BLE001 - nothing is known of the table then, and so it must not pass
        return {}
    # Where something was raised, the flag is true or, for a metric, replaced by one record per metric.
    computed = [each for each in results if (each.exception_info or {}).get("raised_exception") is False]
    return {each.expectation_config.meta["check"]: each for each in computed if each.expectation_config}


def _batch(frame: pl.DataFrame) -> Batch:
    """The frame in a context that lives in memory alone; the default one makes a temporary directory."""
    import great_expectations as gx
    from great_expectations.data_context.types import base

    config = base.DataContextConfig(store_backend_defaults=base.InMemoryStoreBackendDefaults())
    config.progress_bars, config.analytics_enabled = base.ProgressBarsConfig(globally=False), False
    source = gx.get_context(mode="ephemeral", project_config=config).data_sources.add_pandas("unified")
    whole = source.add_dataframe_asset("table").add_batch_definition_whole_dataframe("whole")
    # The library turns bounds into floats or dates, but no values; and Decimal("0.1") is less than 0.1, and a
    # timestamp compares with no date. Hence floats, exact to 15 digits, and dates.
    data = frame.with_columns(cs.decimal().cast(pl.Float64)).to_pandas(date_as_object=True)
    return whole.get_batch({"dataframe": data})


def _outcome(result: ExpectationValidationResult | None, rows: int) -> tuple[bool, str]:
    if result is None:
        return False, "the check could not be computed"
    count, verdict = result.result.get("unexpected_count"), "so it is" if result.success else "it is not so"
    return bool(result.success), verdict if count is None else f"not so in {count} of {rows} rows"


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the library's warnings and log records, which may hold values, from everyone."""
    logger = logging.getLogger("great_expectations")
    handlers, propagate = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logger.handlers, logger.propagate = handlers, propagate
