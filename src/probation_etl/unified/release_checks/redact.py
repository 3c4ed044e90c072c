"""Results without anything that a page must not show: no value of the data, no text of an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from probation_etl.unified.release_checks.checks import NOT_COMPUTED
from probation_etl.unified.release_checks.library import Outcome

if TYPE_CHECKING:
    import great_expectations as gx
    from great_expectations.core import ExpectationSuiteValidationResult


def bare_result(suite: gx.ExpectationSuite, found: Mapping[str, Outcome]) -> ExpectationSuiteValidationResult:
    """The result of a suite with counts alone: an observed value, or the text of an error, may be one of the data.

    Args:
        suite: What was expected.
        found: Outcomes by the name of the check; without those that could not be computed.
    """
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

    results = []
    for expectation in suite.expectations:
        outcome = found.get((expectation.meta or {}).get("check", ""))
        error = NOT_COMPUTED if outcome is None else None
        raised: dict[str, Any] = {
            "raised_exception": outcome is None, "exception_message": error, "exception_traceback": error,
        }  # fmt: skip
        results.append(
            ExpectationValidationResult(
                success=bool(outcome and outcome.holds), expectation_config=expectation.configuration,
                result=dict(outcome.counts) if outcome else {}, exception_info=raised,
            )
        )  # fmt: skip
    good = sum(1 for each in results if each.success)
    statistics = {
        "evaluated_expectations": len(results), "successful_expectations": good,
        "unsuccessful_expectations": len(results) - good,
        "success_percent": 100 * good / len(results) if results else None,
    }  # fmt: skip
    return ExpectationSuiteValidationResult(
        success=good == len(results), results=results, suite_name=suite.name, statistics=statistics, meta={}
    )
