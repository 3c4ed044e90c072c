"""Release checks: what must hold of a unified table as a whole before it is published.

Suites are built out of the unified contracts. Only this package imports Great Expectations, and only inside
functions, as that takes seconds. Of what the library finds, the verdict and the number of rows are kept; all
else, its error texts above all, may hold values of the data and is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probation_etl.contracts.model import Contract, Severity, TableContract
from probation_etl.discreet import Discreet
from probation_etl.stages import spending
from probation_etl.unified.release_checks.checks import NOT_COMPUTED, ReleaseCheck, counted, plan
from probation_etl.unified.release_checks.data_docs import write_pages
from probation_etl.unified.release_checks.figures import Figure, Figures, figures_of
from probation_etl.unified.release_checks.importing import import_library
from probation_etl.unified.release_checks.judging import judged, judged_figures
from probation_etl.unified.release_checks.library import Expectations, Library, Outcome, expectations, suite_of
from probation_etl.unified.release_checks.redact import bare_result
from probation_etl.unified.release_checks.silence import quiet
from probation_etl.unified.release_checks.sources import Grounds, InFrames, Piece

if TYPE_CHECKING:
    import great_expectations as gx

__all__ = [
    "CheckResult", "Figure", "Figures", "Grounds", "InFrames", "Piece", "check_releases", "figures_of", "read_suite",
    "to_expectation_suite",
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


def read_suite(document: Mapping[str, Any]) -> gx.ExpectationSuite:
    """A suite of Great Expectations from its form in JSON, as ``exports`` writes it."""
    with quiet():
        import_library()
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
        import_library()
        return suite_of(contract.id, expectations(plan(contract), contract))


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
    found: list[CheckResult] = []
    shown: list[tuple[str, Expectations, dict[str, Outcome]]] = []
    with quiet():
        with spending("import"):
            import_library()  # so that its seconds are not those of the checks
        library = Library()
        for contract in (each for each in contracts if grounds.has(each.table)):
            checks = tuple(plan(contract))
            asked = expectations(checks, contract)
            outcomes = judged(contract.table, checks, asked, grounds, library)
            found += (_result(contract.table, each, *_rows_failing(outcomes.get(each.name))) for each in checks)
            shown.append((contract.id, asked, outcomes))
            known, checks = (figures or {}).get(contract.table, {}), tuple(counted(contract))
            asked = expectations(checks, contract)
            outcomes = judged_figures(checks, asked, known, library)
            found += (
                _result(contract.table, each, *_figure_found(outcomes.get(each.name), known.get(each.name)))
                for each in checks
            )
            shown.append((f"{contract.id} counts", asked, outcomes))
        if data_docs is not None:
            results = [bare_result(suite_of(name, asked), outcomes) for name, asked, outcomes in shown if asked]
            write_pages(library.context, results, data_docs)
    return found


def _result(table: str, check: ReleaseCheck, passed: bool, outcome: str) -> CheckResult:  # noqa: FBT001 -- given with its words
    expected = check.expected if check.query else f"expected {check.expected}"
    return CheckResult(table, check.name, passed, f"{expected}: {outcome}", check.severity)


def _figure_found(outcome: Outcome | None, figure: Figure | None) -> tuple[bool, str]:
    if outcome is None:
        return False, figure.why if figure and figure.value is None else NOT_COMPUTED
    return outcome.holds, f"found {int(outcome.counts['observed_value'])}"


def _rows_failing(outcome: Outcome | None) -> tuple[bool, str]:
    if outcome is None:
        return False, NOT_COMPUTED
    count, rows = outcome.counts.get("unexpected_count"), outcome.counts.get("element_count")
    verdict = "it holds" if outcome.holds else "it does not hold"
    return outcome.holds, verdict if count is None else f"{count} of {rows} rows fail"
