"""A comparison as lines to read, and as plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from probation_etl.comparison.compare import EFFECTS, Comparison, JudgedChange
from probation_etl.comparison.mapped import MappedChange
from probation_etl.comparison.trials import Witness
from probation_etl.comparison.words import because, cells_of, example_in_words, part_of, said
from probation_etl.contracts.model import Contract
from probation_etl.contracts.numbers import counted

_WIDTH = max(map(len, EFFECTS))


def heading(found: Comparison) -> str:
    """Which contracts were compared, and what came of it."""
    one, other = found.before, found.after
    if one is None or other is None:
        there = one or other
        assert there is not None  # noqa: S101 -- there is one of them
        return f"{there.id} {there.version}: {'added' if one is None else 'removed'}"
    ids = f"{one.id} {one.version}" if one.id == other.id else f"{one.id} {one.version} and {other.id}"
    counts = [(effect, sum(each.effect == effect for each in found.changes)) for effect in EFFECTS]
    told = ", ".join(f"{count} {effect}" for effect, count in counts if count) or "nothing changed"
    return f"{ids} → {other.version}: {told}"


def lines(found: Comparison) -> Iterator[str]:
    """One line for each change, those that break returns first, each with the return that shows it."""
    yield heading(found)
    for each in found.changes:
        yield f"  {each.effect.ljust(_WIDTH)}  {_change_in_words(each, found)}"
        if each.refused:
            yield f"  {' ' * _WIDTH}    passed, and is refused now: {_shown(each.refused, found)}"
        elif each.accepted:
            yield f"  {' ' * _WIDTH}    was refused, and passes now: {_shown(each.accepted, found)}"
    for mapped in found.mapped:
        yield f"  {'mapped'.ljust(_WIDTH)}  {mapped_in_words(mapped)}"


def as_dict(found: Comparison) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "before": _named(found.before),
        "after": _named(found.after),
        "effect": found.effect,
        "judged": found.judged,
        "changes": [_entry(each, found) for each in found.changes],
        "mapped": [asdict(each) for each in found.mapped],
    }


def mapped_in_words(each: MappedChange) -> str:
    """In which column of a unified table rows become others."""
    form = f", sent with {each.form}," if each.form else ""
    rows = f"{counted(each.differing, 'row')} of {each.compared:,}{form}"
    if each.column is None:
        return f"{each.table}: {rows} become others" + (
            f", such as {each.before} before, {each.after} now" if each.after else ""
        )
    such = f", such as ‘{each.before}’ before, ‘{each.after}’ now" if each.after else ""
    return f"{each.table}.{each.column}: {rows} get another value{such}"


def _named(contract: Contract | None) -> dict[str, str] | None:
    return {"id": contract.id, "version": contract.version} if contract else None


def _change_in_words(judged: JudgedChange, found: Comparison) -> str:
    why = _why(judged, found)
    return f"{_what(judged, found)}{f' ({why})' if why else ''}"


def _why(judged: JudgedChange, found: Comparison) -> str:
    return because(judged, found.before, found.judged) if judged.change and found.before else ""


def _what(judged: JudgedChange, found: Comparison) -> str:
    contract = found.before or found.after
    if judged.change and contract:
        return f"{part_of(judged.change, contract)}: {said(judged.change)}"
    if found.after is None:
        covered = (
            "another version is in force for its periods" if judged.effect == "compatible" else "nothing replaces it"
        )
        return f"contract: removed; {covered}"
    return "contract: added" if found.before is None else "all changes together"


def _shown(witness: Witness, found: Comparison) -> str:
    finding, contracts = witness.finding, [each for each in (found.before, found.after) if each]
    return f"{example_in_words(witness, *contracts)}: {finding.message} [{finding.code}]"


def _entry(judged: JudgedChange, found: Comparison) -> dict[str, Any]:
    change = judged.change
    contracts = [each for each in (found.before, found.after) if each]
    return {
        "effect": judged.effect,
        "path": list(change.path) if change else [],
        "what": _what(judged, found),
        "why": _why(judged, found),
        "refused": _example(judged.refused, contracts),
        "accepted": _example(judged.accepted, contracts),
    }


def _example(witness: Witness | None, contracts: list[Contract]) -> dict[str, Any] | None:
    if witness is None:
        return None
    finding = witness.finding
    return {
        "file": witness.sent.name,
        "form": witness.sent.form,
        "rows": len(witness.sent.example.rows),
        "cells": [{"column": header, "value": value} for header, value in cells_of(witness, *contracts)],
        "finding": {
            name: getattr(finding, name) for name in ("code", "rule", "row", "column", "value", "message", "hint")
        },
    }
