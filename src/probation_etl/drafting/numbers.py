"""How the numbers of a column may be written: with marks and units, with commas or points."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from probation_etl.contracts.model.columns import DECIMAL_PLACES
from probation_etl.drafting.evidence import Evidence, plural
from probation_etl.drafting.typed import Typed
from probation_etl.intake.readers import CellKind

_MARKED, _MARK = r"\S.*\[([a-z]{1,3})\]$", r"\s*\[[a-z]{1,3}\]$"
_UNITS = r"^([£€$])|(%|€|£|p|km|kg|miles?|hours?|hrs?|days?|weeks?|months?|years?)$"
_GROUPED, _DECIMAL_COMMA = r"^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?$", r"^[+-]?[0-9]+(\.[0-9]{3})*,[0-9]+$"
#: A code that begins with a nought is no number, or would lose it.
_CODE = r"^[+-]?0[0-9]"
_ASKED = "Does the comma stand between thousands, or before decimals? Every number with one can be read as both."


def number_forms(found: Evidence, texts: pl.Series) -> Iterator[Typed]:
    """Whole numbers and others, as they may be written here; none where a cell is a code or a day.

    Args:
        found: The cells.
        texts: Their different texts.
    """
    if found.has_kinds & {CellKind.DATE, CellKind.TIME} or texts.str.contains(_CODE).any():
        return
    marks = tuple(texts.str.extract(_MARKED).drop_nulls().unique().sort())
    plain = texts.str.replace(_MARK, "")
    units = tuple(pl.concat([plain.str.extract(_UNITS, at).drop_nulls() for at in (1, 2)]).unique().sort())
    plain = plain.str.replace(_UNITS, "").str.strip_chars()
    commas = plain.filter(plain.str.contains(",", literal=True))
    decimal = (
        ","
        if len(commas) and not commas.str.contains(_GROUPED).all() and commas.str.contains(_DECIMAL_COMMA).all()
        else "."
    )
    thousands = _thousands(plain, decimal)
    only_commas = (
        thousands == ","
        and not plain.str.contains(".", literal=True).any()
        and commas.str.contains(_DECIMAL_COMMA).all()
    )
    asked = (_ASKED,) if only_commas else ()
    told = [
        *(["a comma before decimals"] if decimal == "," else []),
        *([f"‘{thousands}’ between thousands"] if thousands else []),
    ]
    told += [f"with the unit {', '.join(units)}"] if units else []
    yield Typed("integer", markers=marks, thousands=thousands, units=units, told="; ".join(told), questions=asked)
    places = int(plain.str.extract(rf"[{decimal}]([0-9]*?)0*$").str.len_chars().max() or 0)  # type: ignore[arg-type] # a length
    if places > DECIMAL_PLACES:
        asked = (
            *asked,
            f"Cells have up to {places} decimals, and {DECIMAL_PLACES} are kept: how many should there be?",
        )
    yield Typed(
        "number", places=None if places > 2 else 2, markers=marks, thousands=thousands, decimal=decimal, units=units,
        told="; ".join([f"at most {plural(places, 'decimal')}", *told]), questions=asked,
    )  # fmt: skip


def _thousands(plain: pl.Series, decimal: str) -> str | None:
    if decimal == ",":
        return "." if plain.str.contains(r"^[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?$").any() else None
    return "," if plain.str.contains(_GROUPED).any() else None
