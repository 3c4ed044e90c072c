"""What a contract may ask of Great Expectations: what looks at the values of its own table, and runs no text as code or SQL."""

from __future__ import annotations

from collections.abc import Iterator

from probation_etl.contracts.model import Contract
from probation_etl.contracts.suggestions import did_you_mean

#: Those of the library that reach further: they run a query, read another table, or follow the references of a schema.
_REACHES_FURTHER = frozenset((
    "expect_column_values_to_match_json_schema", "expect_query_results_to_match_comparison",
    "expect_table_row_count_to_equal_other_table", "unexpected_rows_expectation",
))  # fmt: skip
_ARGUMENTS = frozenset((
    "allow_relative_error", "bucketize_data", "column", "column_A", "column_B", "column_index", "column_list", "column_set",
    "double_sided", "exact_match", "ignore_row_if", "internal_weight_holdout", "like_pattern", "like_pattern_list", "match_on",
    "max_value", "min_value", "mostly", "or_equal", "parse_strings_as_datetimes", "partition_object", "quantile_ranges", "regex",
    "regex_list", "strftime_format", "strict_max", "strict_min", "strictly", "sum_total", "tail_weight_holdout", "threshold",
    "ties_okay", "type_", "type_list", "value", "value_pairs_set", "value_set",
))  # fmt: skip


def expectation_faults(contract: Contract) -> Iterator[str]:
    """Expectations of a contract that may not be asked."""
    for each in contract.expectations:
        where = contract.where(f"rule ‘{each.name}’" if each.name else f"the expectation ‘{each.type}’")
        if each.type in _REACHES_FURTHER:
            yield f"{where}: ‘{each.type}’ looks at more than this table: write a check of type sql that counts"
        for name in each.kwargs:
            if name not in _ARGUMENTS:
                hint = did_you_mean(name, _ARGUMENTS)
                yield f"{where}: ‘{name}’ is not an argument that expectations can have here{hint}"
            elif _has_parameter(each.kwargs[name]):
                yield f"{where}: ‘{name}’ names a parameter with $; write the value itself"


def _has_parameter(value: object) -> bool:
    """Whether the library would compute the value: it does so where a key begins with $."""
    if isinstance(value, dict):
        return any(str(key).startswith("$") or _has_parameter(inner) for key, inner in value.items())
    return isinstance(value, list) and any(map(_has_parameter, value))
