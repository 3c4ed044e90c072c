"""Contracts handed over to other tools. Each export names every rule that the tool cannot express, and says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.model import Contract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.contracts.suggestions import did_you_mean
from probation_etl.errors import UsageError
from probation_etl.targets.expectation_suite import to_suite
from probation_etl.targets.json_schema import to_json_schema
from probation_etl.targets.pandera_script import to_pandera_script
from probation_etl.targets.table_schema import to_table_schema

__all__ = ["TARGETS", "export"]

_WRITERS: Mapping[str, Callable[[Schema], str]] = {
    "great-expectations": to_suite,
    "pandera": to_pandera_script,
    "json-schema": to_json_schema,
    "frictionless": to_table_schema,
}
#: What a contract can be exported to.
TARGETS: tuple[str, ...] = tuple(_WRITERS)


def export(contract: Contract, target: str, *, rulebook: Rulebook) -> str:
    """A contract for another tool, as text.

    Args:
        contract: The contract of a return, a unified table or a view.
        target: One of ``TARGETS``: a suite of Great Expectations (JSON), a Python script with a pandera schema, a
            JSON Schema of one row, or a Table Schema of Frictionless Data (JSON).
        rulebook: The rulebook that the contract is of.

    Raises:
        UsageError: There is no such target.
        ContractError: A rule of the contract cannot be computed.
    """
    if target not in TARGETS:
        raise UsageError(f"‘{target}’ is none of {', '.join(TARGETS)}{did_you_mean(target, TARGETS)}")
    return _WRITERS[target](rulebook.schema_of(contract))
