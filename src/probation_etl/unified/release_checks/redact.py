"""Results without anything that a page must not show: no value of the data, no text of an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import great_expectations as gx
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

#: The message of a check that could not be computed.
NOT_COMPUTED = "the check could not be computed"
#: What is kept of a result: numbers of rows, and shares of them.
_COUNTS = frozenset(
    ("element_count", "unexpected_count", "missing_count", "unexpected_percent", "missing_percent",
     "unexpected_percent_total", "unexpected_percent_nonmissing")
)  # fmt: skip


def bare_result(
    suite: gx.ExpectationSuite, found: Mapping[str, ExpectationValidationResult], *, figures: bool
) -> ExpectationSuiteValidationResult:
    """The result of a suite with counts alone: an observed value, or the text of an error, may be one of the data.

    Args:
        suite: What was expected.
        found: Results by the name of the check; without those that could not be computed.
        figures: Whether what was observed are counts themselves, and may be shown.
    """
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

    kept = _COUNTS | ({"observed_value"} if figures else set())
    results = []
    for expectation in suite.expectations:
        result = found.get((expectation.meta or {}).get("check", ""))
        error = NOT_COMPUTED if result is None else None
        raised: dict[str, Any] = {
            "raised_exception": result is None, "exception_message": error, "exception_traceback": error,
        }  # fmt: skip
        given = {key: value for key, value in (result.result if result else {}).items() if key in kept}
        configuration, success = expectation.configuration, bool(result and result.success)
        results.append(
            ExpectationValidationResult(
                success=success, expectation_config=configuration, result=given, exception_info=raised
            )
        )
    good = sum(1 for each in results if each.success)
    statistics = {
        "evaluated_expectations": len(results), "successful_expectations": good,
        "unsuccessful_expectations": len(results) - good,
        "success_percent": 100 * good / len(results) if results else None,
    }  # fmt: skip
    return ExpectationSuiteValidationResult(
        success=good == len(results), results=results, suite_name=suite.name, statistics=statistics, meta={}
    )
