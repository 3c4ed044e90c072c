"""Release checks: what must hold of a unified table as a whole before it is published.

Suites are built out of the unified contracts. Only this package imports Great Expectations, and only inside
functions, as that takes seconds. Of what the library finds, the verdict and the number of rows are kept; all
else, its error texts above all, may hold values of the data and is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from probation_etl.contracts.model import Contract, Severity, TableContract
from probation_etl.discreet import Discreet
from probation_etl.errors import ContractError
from probation_etl.journal import goes_on
from probation_etl.stages import spending
from probation_etl.unified.release_checks.checks import KEY, ReleaseCheck, counted, key_check, plan
from probation_etl.unified.release_checks.data_docs import write_pages
from probation_etl.unified.release_checks.figures import Figure, Figures, figures_of
from probation_etl.unified.release_checks.redact import NOT_COMPUTED, bare_result
from probation_etl.unified.release_checks.silence import quiet
from probation_etl.unified.release_checks.sources import Grounds, InDatabase, InFrames, batch_of

if TYPE_CHECKING:
    import great_expectations as gx
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource
    from great_expectations.expectations.expectation import Expectation as LibraryExpectation

__all__ = [
    "CheckResult", "Figure", "Figures", "Grounds", "InDatabase", "InFrames", "check_releases", "figures_of", "read_suite", "to_expectation_suite",
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


class _Part(NamedTuple):
    """A batch and what is expected of it: a table itself, or the figures that were counted of it.

    Attributes:
        open: Whether the values themselves may be shown: figures are counts, and no values of the data.
        lacking: Why there is no figure for a check, by its name.
    """

    suite: gx.ExpectationSuite
    checks: tuple[ReleaseCheck, ...]
    batch: Batch
    open: bool
    lacking: Mapping[str, str] = {}


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
        grounds: Where the tables are: in frames or in a database.
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
        grounds.enter(context)
        counts = context.data_sources.add_pandas("figures")
        for contract in present:
            results: dict[str, CheckResult] = {}
            known = (figures or {}).get(contract.table, {})
            for part in (*_parts(contract, grounds), *_counted_part(contract, known, counts)):
                goes_on()
                outcome = _validated(part)
                results |= {
                    each.name: _result(contract.table, each, outcome.get(each.name), part) for each in part.checks
                }
                shown.append(bare_result(part.suite, outcome, figures=part.open))
            found += (results[each.name] for each in (*plan(contract), *counted(contract)))
        if data_docs is not None:
            write_pages(context, shown, data_docs)
    return found


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


def _parts(contract: TableContract, grounds: Grounds) -> Iterator[_Part]:
    own = tuple(plan(contract))
    by_key = grounds.key(contract.table, contract.key) if len(contract.key) > 1 else None
    if by_key is not None:
        keys = tuple(key_check(each) for each in own if each.name == KEY)
        own = tuple(each for each in own if each.name != KEY)
        yield _Part(_suite(f"{contract.id} key", keys, contract), keys, by_key, open=False)
    yield _Part(_suite(contract.id, own, contract), own, grounds.table(contract.table), open=False)


def _counted_part(contract: TableContract, known: Mapping[str, Figure], source: PandasDatasource) -> Iterator[_Part]:
    checks = tuple(counted(contract))
    if checks:
        found = {check.name: known.get(check.name, Figure(None)) for check in checks}
        # A figure is a column with the name that its expectation asks for; where there is none, it cannot be computed.
        row = {check.expectation.kwargs["column"]: [found[check.name].value] for check in checks}
        there = pl.DataFrame({name: value for name, value in row.items() if value != [None]})
        batch = batch_of(source, f"{contract.table} counts", there)
        lacking = {name: each.why for name, each in found.items() if each.value is None}
        yield _Part(_suite(f"{contract.id} counts", checks, contract), checks, batch, open=True, lacking=lacking)


def _validated(part: _Part) -> dict[str, ExpectationValidationResult]:
    """Results by name of check, as the library changes the order; without those it could not compute."""
    counts = {"result_format": "BASIC", "exclude_unexpected_values": True, "partial_unexpected_count": 0}
    try:
        results = part.batch.validate(part.suite, result_format=counts).results
    except Exception:  # noqa: BLE001 - nothing is known of the table then, and so it must not pass
        return {}
    # Where something was raised, the flag is true or, for a metric, replaced by one record per metric.
    computed = [each for each in results if (each.exception_info or {}).get("raised_exception") is False]
    if part.open:  # no figure is as bad as none: the library passes the greatest value of nothing
        computed = [each for each in computed if each.result.get("observed_value") is not None]
    return {each.expectation_config.meta["check"]: each for each in computed if each.expectation_config}


def _result(table: str, check: ReleaseCheck, result: ExpectationValidationResult | None, part: _Part) -> CheckResult:
    passed, outcome = _outcome(result, part, part.lacking.get(check.name, NOT_COMPUTED))
    expected = check.expected if part.open else f"expected {check.expected}"
    return CheckResult(table, check.name, passed, f"{expected}: {outcome}", check.severity)


def _outcome(result: ExpectationValidationResult | None, part: _Part, lacking: str) -> tuple[bool, str]:
    if result is None:
        return False, lacking
    if part.open:
        return bool(result.success), f"found {int(result.result['observed_value'])}"
    count, rows = result.result.get("unexpected_count"), result.result.get("element_count")
    verdict = "it holds" if result.success else "it does not hold"
    return bool(result.success), verdict if count is None else f"{count} of {rows} rows fail"
