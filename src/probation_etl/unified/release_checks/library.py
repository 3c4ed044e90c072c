"""Asks Great Expectations. Of what it finds, verdicts and counts go further; its values and texts do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import polars.selectors as cs

from probation_etl.contracts.model import Contract
from probation_etl.errors import ContractError
from probation_etl.unified.release_checks.checks import ReleaseCheck

if TYPE_CHECKING:
    import great_expectations as gx
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation as LibraryExpectation

#: Expectations by the name of their check.
Expectations = Mapping[str, "LibraryExpectation"]
#: What the library is to tell: a verdict, numbers of rows beside it, or the places of the rows that fail as well.
_VERDICT = {"result_format": "BOOLEAN_ONLY"}
_COUNTS = {"result_format": "BASIC", "exclude_unexpected_values": True, "partial_unexpected_count": 0}
_PLACES = {"result_format": "COMPLETE", "partial_unexpected_count": 0}
#: What is kept of a result: numbers of rows, and shares of them.
_KEPT = frozenset(
    ("element_count", "unexpected_count", "missing_count", "unexpected_percent", "missing_percent",
     "unexpected_percent_total", "unexpected_percent_nonmissing")
)  # fmt: skip


class Outcome(NamedTuple):
    """What a check found.

    Attributes:
        holds: Whether what it expects is so.
        counts: Numbers of rows, and shares of them, by the names that the library has for them.
    """

    holds: bool
    counts: Mapping[str, float] = {}


class Library:
    """The library with its context, which is in memory alone."""

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self.context = _context()
        # One asset for all frames: to add one takes the library longer than to judge a column.
        asset = self.context.data_sources.add_pandas("unified").add_dataframe_asset("table")
        self._batches = asset.add_batch_definition_whole_dataframe("whole")

    def batch_of(self, frame: pl.DataFrame) -> Batch:
        """A frame as the library checks it."""
        # The library turns bounds into floats or dates, but no values; and Decimal("0.1") is less than 0.1, and a timestamp
        # compares with no date. Hence floats, exact to 15 digits, and dates.
        data = frame.with_columns(cs.decimal().cast(pl.Float64)).to_pandas(date_as_object=True)
        return self._batches.get_batch({"dataframe": data})

    def verdicts(self, frame: pl.DataFrame, asked: Expectations) -> dict[str, bool]:
        """Whether each holds, without those that it could not compute."""
        return {name: bool(each.success) for name, each in self._validated(frame, asked, _VERDICT).items()}

    def counts(self, frame: pl.DataFrame, asked: Expectations) -> dict[str, Outcome]:
        """What each finds among the rows, without those that it could not compute."""
        return {
            name: Outcome(bool(each.success), {key: value for key, value in each.result.items() if key in _KEPT})
            for name, each in self._validated(frame, asked, _COUNTS).items()
        }

    def failing(self, frame: pl.DataFrame, name: str, expectation: LibraryExpectation) -> list[int] | None:
        """The places of the rows that fail; None where they could not be computed."""
        found = self._validated(frame, {name: expectation}, _PLACES).get(name)
        return None if found is None else list(found.result.get("unexpected_index_list") or ())

    def _validated(
        self, frame: pl.DataFrame, asked: Expectations, told: dict[str, Any]
    ) -> dict[str, ExpectationValidationResult]:
        """Results by name of check, as the library changes the order; without those it could not compute."""
        import great_expectations as gx

        suite = gx.ExpectationSuite("asked", list(asked.values()))
        try:
            results = self.batch_of(frame).validate(suite, result_format=told).results
        except Exception:  # noqa: BLE001 - nothing is known of the table then, and so it must not pass
            return {}
        # Where something was raised, the flag is true or, for a metric, replaced by one record per metric.
        computed = [each for each in results if (each.exception_info or {}).get("raised_exception") is False]
        return {each.expectation_config.meta["check"]: each for each in computed if each.expectation_config}


def expectations(checks: Iterable[ReleaseCheck], contract: Contract) -> dict[str, LibraryExpectation]:
    """What the library is asked for each check, by its name.

    Raises:
        ContractError: The library does not know, or refuses, one of the contract's own expectations.
    """
    return {check.name: _expectation(check, contract) for check in checks}


def suite_of(name: str, asked: Expectations) -> gx.ExpectationSuite:
    """Expectations as a suite."""
    import great_expectations as gx

    return gx.ExpectationSuite(name, list(asked.values()))


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
