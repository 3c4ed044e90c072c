"""A contract as a pandera schema for typed Polars frames: the rules that validate returns, as far as such frames go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.checks.columns import key_check, on_typed_values
from probation_etl.contracts.model import DECIMAL_PLACES, Contract
from probation_etl.targets.expressed import Why, handed_over, split, typed_only, unknown_to_the_frame

if TYPE_CHECKING:
    import pandera.polars as pa


def typed_schema(schema: Schema) -> pa.DataFrameSchema:
    """The rules that a typed frame can be checked against. Each check has the name of its rule."""
    found = split(handed_over(schema), lambda rule: lost(rule, schema.contract) or rule)
    checks = [each for rule, _ in found.made for each in _on_frames(rule, schema.contract)]
    return Schema(schema.contract, tuple(checks)).to_pandera()


def lost(rule: Check, contract: Contract) -> Why | None:
    """Why pandera cannot check a rule on a typed frame; None where it can."""
    if rule.kind is Kind.ROW:
        return unknown_to_the_frame(rule, contract)
    if rule.places is not None and rule.places >= DECIMAL_PLACES:
        return Why(f"typed numbers have {DECIMAL_PLACES} decimal places")
    return typed_only(rule)


def _on_frames(rule: Check, contract: Contract) -> Iterator[Check]:
    """The rule where nothing but typed values is there: no text, and nothing that says which values could not be read."""
    if rule.kind is Kind.KEY:
        yield from key_check(contract, typed_values=True)
    elif rule.kind is Kind.DECIMALS:
        yield replace(rule, holds=on_typed_values(rule))
    else:
        yield rule
