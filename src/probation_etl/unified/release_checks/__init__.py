"""Release checks: what must hold of a unified table as a whole before it is published.

Suites are built out of the unified contracts. Only this package imports Great Expectations, and only inside
functions, as that takes seconds. Of what the library finds, the verdict and the number of rows are kept; all
else, its error texts above all, may hold values of the data and is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from probation_etl.contracts.model import Contract, Severity, TableContract
from probation_etl.discreet import Discreet
from probation_etl.errors import ContractError
from probation_etl.journal import goes_on
from probation_etl.stages import spending
from probation_etl.unified.release_checks.checks import ReleaseCheck, counted, plan
from probation_etl.unified.release_checks.data_docs import write_pages
from probation_etl.unified.release_checks.figures import Figure, Figures, figures_of
from probation_etl.unified.release_checks.parts import Part, of_rows, parts
from probation_etl.unified.release_checks.redact import NOT_COMPUTED, bare_result
from probation_etl.unified.release_checks.silence import quiet
from probation_etl.unified.release_checks.sources import Grounds, InFrames, batch_of

if TYPE_CHECKING:
    import great_expectations as gx
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource
    from great_expectations.expectations.expectation import Expectation as LibraryExpectation

__all__ = [
    "CheckResult", "Figure", "Figures", "Grounds", "InFrames", "check_releases", "figures_of", "read_suite", "to_expectation_suite",
]  # fmt: skip


@dataclass(frozen=True)
class CheckResult(Discreet, tells=("table", "check")):
    """What one release check found: ``detail`` says what was expected, and how many rows are otherwise.

    Attributes:
        severity: Whether it keeps the table from being released where it fails (``error``) or not (``warning``).
    """

    table: str
    check: str
    passed: bool
    detail: str
    severity: Severity = "error"


class _Asked(NamedTuple):
    """What is expected of a batch.

    Attributes:
        open: Whether the values themselves may be shown: figures are counts, and no values of the data.
    """

    suite: gx.ExpectationSuite
    batch: Batch
    open: bool


def read_suite(document: Mapping[str, Any]) -> gx.ExpectationSuite:
    """A suite of Great Expectations from its form in JSON, as ``exports`` writes it."""
    with quiet():
        import great_expectations as gx

        return gx.ExpectationSuite(**document)


def to_expectation_suite(contract: Contract) -> gx.ExpectationSuite:
    """The contract of a unified table, view or reference table as a suite of Great Expectations.

    Each expectation has the name of its check as ``meta["check"]`` and says in words what it expects. Missing
    values in a key of several columns are equal: the queries of the views group them so, and two rows that
    share the rest of a key are one case sent twice. In a key of one column they are left to ``required``.

    Raises:
        ContractError: The library does not know, or refuses, one of the contract's own expectations.
    """
    with quiet():
        return _suite(contract.id, plan(contract), contract)


def check_releases(
    grounds: Grounds,
    contracts: Iterable[TableContract],
    *,
    figures: Figures | None = None,
    data_docs: Path | None = None,
) -> list[CheckResult]:
    """Checks every unified table and view that there is, in the order of the contracts.

    Without rows every check on values and keys passes; what a contract itself expects of the whole, such as a
    number of rows, is checked as always. A check that cannot be computed has failed. In a frame NaN counts as missing.

    Args:
        grounds: Gives what the checks need to see of the tables.
        contracts: Contracts of unified tables and views; those that are not there are passed over.
        figures: What their queries have counted; a check without its figure has failed.
        data_docs: Directory for the pages that the library makes of it. They hold counts of rows, and no value of the data.

    Raises:
        ContractError: The library does not know, or refuses, one of a contract's own expectations.
        EnvironmentFailure: The pages cannot be written.
    """
    present = [each for each in contracts if grounds.has(each.table)]
    found: list[CheckResult] = []
    shown: list[ExpectationSuiteValidationResult] = []
    with quiet():
        with spending("import"):
            import great_expectations  # noqa: F401 -- so that its seconds are not those of the checks
        context = _context()
        frames, counts = (context.data_sources.add_pandas(name) for name in ("unified", "figures"))
        for contract in present:
            known = (figures or {}).get(contract.table, {})
            for made in (_of_table(contract, grounds, frames), _of_figures(contract, known, counts)):
                goes_on()
                found += made.results
                shown += made.shown
        if data_docs is not None:
            write_pages(context, shown, data_docs)
    return found


class _Found(NamedTuple):
    """Results of some checks of a table, and the same for a page."""

    results: list[CheckResult]
    shown: list[ExpectationSuiteValidationResult]


def _suite(name: str, checks: Iterable[ReleaseCheck], contract: Contract) -> gx.ExpectationSuite:
    import great_expectations as gx

    return gx.ExpectationSuite(name, [_expectation(check, contract) for check in checks])


def _expectation(check: ReleaseCheck, contract: Contract) -> LibraryExpectation:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    try:
        severity = "warning" if check.severity == "warning" else "critical"
        made = ExpectationConfiguration(*check.expectation, {"check": check.name}, severity=severity)  # type: ignore[arg-type] # it takes the word as well
        made.description = f"{check.expected}. {check.message}" if check.message else check.expected
        return made.to_domain_obj()
    except Exception:  # noqa: BLE001 - what the library raises here has no base class of its own
        place = (
            f"{contract.path or contract.id}: the expectation ‘{check.expectation.type}’ ({check.name}) was refused."
        )
        raise ContractError(f"{place} Check its type and kwargs in the library's documentation.") from None


def _context() -> AbstractDataContext:
    """A context that lives in memory alone; the default one makes a temporary directory."""
    import great_expectations as gx
    from great_expectations.data_context.types import base

    config = base.DataContextConfig(store_backend_defaults=base.InMemoryStoreBackendDefaults())
    config.progress_bars, config.analytics_enabled = base.ProgressBarsConfig(globally=False), False
    return gx.get_context(mode="ephemeral", project_config=config)


def _of_table(contract: TableContract, grounds: Grounds, source: PandasDatasource) -> _Found:
    """The checks of the values and keys of a table."""
    checks = tuple(plan(contract))
    outcome: dict[str, ExpectationValidationResult] = {}
    for part in parts(contract.table, checks, grounds):
        outcome |= _outcome_of(part, contract, grounds, source)
        goes_on()
    results = [_result(contract.table, each, *_rows_failing(outcome.get(each.name))) for each in checks]
    return _Found(results, [bare_result(_suite(contract.id, checks, contract), outcome, figures=False)])


def _outcome_of(
    part: Part, contract: TableContract, grounds: Grounds, source: PandasDatasource
) -> dict[str, ExpectationValidationResult]:
    """Results of the checks of a part, by name, as they are of all rows of the table."""
    batch = batch_of(source, f"{contract.table} {part.name}", part.frame())
    found = _validated(_Asked(_suite(f"{contract.id} {part.name}", part.checks, contract), batch, open=False))
    if part.sees == "rows":
        return found
    if part.sees == "values":
        failed = [each for each in part.checks if not ((result := found.get(each.name)) and result.success)]
        counted_again = (
            _outcome_of(of_rows(contract.table, failed, grounds), contract, grounds, source) if failed else {}
        )
        found = {name: each for name, each in found.items() if each.success}
    else:
        counted_again = {}
    rows = grounds.count(contract.table)
    return {name: _of_all(each, rows) for name, each in found.items()} | counted_again


def _of_all(result: ExpectationValidationResult, rows: int) -> ExpectationValidationResult:
    """A result with the rows that fail out of all rows of the table, of which the library saw a part."""
    count = result.result.get("unexpected_count")
    if count is not None:
        share = 100 * count / rows if rows else 0.0
        result.result = {"element_count": rows, "unexpected_count": count, "unexpected_percent": share}
    return result


def _of_figures(contract: TableContract, known: Mapping[str, Figure], source: PandasDatasource) -> _Found:
    """The checks of a table that were counted by queries."""
    checks = tuple(counted(contract))
    if not checks:
        return _Found([], [])
    found = {check.name: known.get(check.name, Figure(None)) for check in checks}
    # A figure is a column with the name that its expectation asks for; where there is none, it cannot be computed.
    row = {check.expectation.kwargs["column"]: [found[check.name].value] for check in checks}
    there = pl.DataFrame({name: value for name, value in row.items() if value != [None]})
    batch = batch_of(source, f"{contract.table} counts", there)
    suite = _suite(f"{contract.id} counts", checks, contract)
    outcome = _validated(_Asked(suite, batch, open=True))
    lacking = {name: each.why for name, each in found.items() if each.value is None}
    results = [
        _result(contract.table, each, *_figure_found(outcome.get(each.name), lacking.get(each.name, NOT_COMPUTED)))
        for each in checks
    ]
    return _Found(results, [bare_result(suite, outcome, figures=True)])


def _validated(asked: _Asked) -> dict[str, ExpectationValidationResult]:
    """Results by name of check, as the library changes the order; without those it could not compute."""
    counts = {"result_format": "BASIC", "exclude_unexpected_values": True, "partial_unexpected_count": 0}
    try:
        results = asked.batch.validate(asked.suite, result_format=counts).results
    except Exception:  # noqa: BLE001 - nothing is known of the table then, and so it must not pass
        return {}
    # Where something was raised, the flag is true or, for a metric, replaced by one record per metric.
    computed = [each for each in results if (each.exception_info or {}).get("raised_exception") is False]
    if asked.open:  # no figure is as bad as none: the library passes the greatest value of nothing
        computed = [each for each in computed if each.result.get("observed_value") is not None]
    return {each.expectation_config.meta["check"]: each for each in computed if each.expectation_config}


def _result(table: str, check: ReleaseCheck, passed: bool, outcome: str) -> CheckResult:  # noqa: FBT001 -- given with its words
    expected = check.expected if check.query else f"expected {check.expected}"
    return CheckResult(table, check.name, passed, f"{expected}: {outcome}", check.severity)


def _figure_found(result: ExpectationValidationResult | None, lacking: str) -> tuple[bool, str]:
    if result is None:
        return False, lacking
    return bool(result.success), f"found {int(result.result['observed_value'])}"


def _rows_failing(result: ExpectationValidationResult | None) -> tuple[bool, str]:
    if result is None:
        return False, NOT_COMPUTED
    count, rows = result.result.get("unexpected_count"), result.result.get("element_count")
    verdict = "it holds" if result.success else "it does not hold"
    return bool(result.success), verdict if count is None else f"{count} of {rows} rows fail"
