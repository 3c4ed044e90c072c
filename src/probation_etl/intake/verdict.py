"""The verdict on a return, from its counts of rows and its findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import ReturnContract
from probation_etl.intake.frames import Frames

Verdict = Literal["accepted", "accepted_with_warnings", "partly_accepted", "rejected", "unchanged"]


@dataclass(frozen=True)
class Rows:
    """Counts of rows: read = accepted + quarantined. Blank rows and notes are counted separately."""

    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    blank: int = 0
    notes: int = 0


def verdict_on(rows: Rows, findings: Frames, contract: ReturnContract) -> tuple[Verdict, Rows, Finding | None]:
    """The verdict on a return, its counts of rows, and a finding if the acceptance limit was exceeded.

    The whole return is rejected if it has an error that is not about a row, or a share of quarantined rows above the
    contract's limit. It is also rejected if no row can be accepted, so that it does not replace an earlier return. All
    rows of a rejected return count as quarantined.
    """
    of_the_whole = (pl.col("severity") == "error") & pl.col("row").is_null()
    whole = Rows(rows.read, 0, rows.read, rows.blank, rows.notes)
    if any(each.select(of_the_whole.any()).item() for each in findings if each.height):
        return "rejected", whole, None
    if rows.read and rows.quarantined / rows.read > contract.quarantined_share:
        return "rejected", whole, _over_limit(rows, contract)
    if rows.quarantined:
        return ("partly_accepted" if rows.accepted else "rejected"), rows, None
    return ("accepted_with_warnings" if findings.height else "accepted"), rows, None


def _over_limit(rows: Rows, contract: ReturnContract) -> Finding:
    share, limit = (f"{100 * part:.3g}%" for part in (rows.quarantined / rows.read, contract.quarantined_share))
    found = f"{rows.quarantined:,} of {rows.read:,} rows have errors ({share})."
    text = f"{found} A return is rejected when more than {limit} of its rows have errors."
    return make("acceptance-limit", expected=text)
