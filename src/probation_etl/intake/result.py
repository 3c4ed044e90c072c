"""The result of validating one return: its rows, its findings, its verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from probation_etl.contracts.checks import Check
from probation_etl.contracts.findings import BROUGHT_DOWN, CONTESTED, CONTROL_FILE, Finding
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import Organisation
from probation_etl.discreet import Discreet
from probation_etl.intake.claims import Claim, claim_of
from probation_etl.intake.control_totals import ControlTotals
from probation_etl.intake.expected_beside import as_agreed
from probation_etl.intake.frames import Frames
from probation_etl.intake.header import Header
from probation_etl.intake.notes import Note
from probation_etl.intake.readers import Grid
from probation_etl.intake.received import Received
from probation_etl.intake.verdict import Rows, Verdict

#: Columns of a frame of findings, as the fields of :class:`Finding`.
FINDING_SCHEMA: dict[str, Any] = {
    each.name: pl.Int64() if each.name == "row" else pl.String() for each in fields(Finding)
}
_NO_FINDINGS = pl.DataFrame(schema=FINDING_SCHEMA)


class Period(NamedTuple):
    """First and last day of a reporting period; None if they are not known."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class ReturnId(Discreet, tells=("contract", "supplier")):
    """What identifies a return: its contract, supplier, period and content.

    Attributes:
        contract: None if the return could not be identified.
        supplier: None if it is not known, or does not send such returns.
        sha256: Hash of the file's bytes.
        attempt: 1, or more if it was validated again because rows that it refers to were loaded or withdrawn.
    """

    contract: ReturnContract | None
    supplier: Organisation | None
    period: Period
    sha256: str
    attempt: int = 1


@dataclass(frozen=True)
class Source(Discreet):
    """The file of a return as it was read, so that it need not be read again.

    Attributes:
        file: Path of the file relative to the inbox, as it may be shown.
        sheet: Name of the sheet as it may be shown, None for CSV.
        received: The bytes of the file, for the store to keep; None if they were not read.
        sheets: Every sheet of the file, those of other returns included; empty if it cannot be read.
        grid: The cells of the return, which is one of them, or some rows of it; None if the file has no such sheet.
        header: The header of the return in its sheet; None if it was not found.
        totals: Control totals in a file beside it; None if there is none.
    """

    file: str
    sheet: str | None = None
    received: Received | None = field(default=None, repr=False, compare=False)
    sheets: tuple[Grid, ...] = field(default=(), repr=False, compare=False)
    grid: Grid | None = field(default=None, repr=False, compare=False)
    header: Header | None = field(default=None, repr=False, compare=False)
    totals: ControlTotals | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class ReturnResult(Discreet, tells=("return_id", "verdict", "rows")):
    """The result of validating one return.

    Attributes:
        id: Which return it is.
        source: The file that it came in.
        accepted_rows: Typed rows: ``source_row`` (Int64), the contract's columns, the context columns.
        quarantined_rows: Rows as the supplier sent them: ``source_row`` and a String column for each cell (``c0``, ``c1``, …).
        found: One row for each finding, columns as in :data:`FINDING_SCHEMA`.
        control_rows: Rows that the cover announces.
        notes: Text of the file that is no row of data and was left out.
        checks: The rules that it was checked against, by name; empty where no row could be read.
        in_notebook: Makes what a notebook shows of it; results of :func:`probation_etl.validate` have it.
    """

    id: ReturnId
    source: Source
    verdict: Verdict
    rows: Rows
    accepted_rows: Frames
    quarantined_rows: Frames
    found: Frames
    control_rows: int | None = None
    notes: tuple[Note, ...] = ()
    checks: Mapping[str, Check] = field(default_factory=dict, repr=False, compare=False)
    in_notebook: Callable[[ReturnResult], str] | None = field(default=None, repr=False, compare=False)

    def _repr_html_(self) -> str | None:
        """What a notebook shows of it: verdict, counts and the first findings, masked as in every report."""
        return self.in_notebook(self) if self.in_notebook else None

    @property
    def accepted(self) -> pl.DataFrame:
        """The accepted rows, all of them in memory: of a large file they are read when they are asked for."""
        return self.accepted_rows.whole()

    @property
    def quarantined(self) -> pl.DataFrame:
        """The quarantined rows, likewise."""
        return self.quarantined_rows.whole()

    @property
    def findings(self) -> pl.DataFrame:
        """The findings, likewise."""
        return self.found.whole()

    @property
    def file(self) -> str:
        """Path of the file relative to the inbox."""
        return self.source.file

    @property
    def sheet(self) -> str | None:
        """Name of the sheet, None for CSV."""
        return self.source.sheet

    @property
    def content(self) -> bytes | None:
        """The bytes of the file, all of them in memory."""
        return self.source.received.whole() if self.source.received else None

    @property
    def sha256(self) -> str:
        """Hash of the file's bytes."""
        return self.id.sha256

    @property
    def contract(self) -> ReturnContract | None:
        """The version of the contract that it was validated against."""
        return self.id.contract

    @property
    def supplier(self) -> Organisation | None:
        """Who sent it."""
        return self.id.supplier

    @property
    def period_start(self) -> date | None:
        """First day of its period."""
        return self.id.period.start

    @property
    def period_end(self) -> date | None:
        """Last day of its period."""
        return self.id.period.end

    @property
    def attempt(self) -> int:
        """1, or more if it was validated again."""
        return self.id.attempt

    @property
    def return_id(self) -> str:
        """Name of this attempt at the return in the store."""
        return self.original_id if self.attempt == 1 else f"{self.original_id}:{self.attempt}"

    @property
    def original_id(self) -> str:
        """Name of this return in the store, the same for the same content, contract, supplier and period."""
        contract = f"{self.contract.id}:{self.contract.version}" if self.contract else "unidentified"
        place = ":".join(
            str(part) for part in (self.supplier.code if self.supplier else "unknown", self.period_end or "no-period")
        )
        # Of one file there may be several that nobody is known to send.
        many = self.claim is None and self.contract and self.contract.identification.sheet_pattern
        return f"{contract}:{place}:{self.sha256[:16]}" + (f":{self.sheet or ''}" if many or not self.contract else "")

    @property
    def claim(self) -> Claim | None:
        """What it claims to be; None unless contract, supplier and period are known."""
        return claim_of(self.contract, self.supplier, self.period_end)

    @property
    def is_contested(self) -> bool:
        """Whether it is rejected because of another file, so that it must be taken again when that is gone or has changed."""
        return self._any_finding(pl.col("code").is_in(CONTESTED) | (pl.col("rule") == CONTROL_FILE))

    @property
    def brought_down(self) -> bool:
        """Whether its file brought down the process that read it, so that it must be tried again."""
        return self._any_finding(pl.col("code") == BROUGHT_DOWN)

    @property
    def is_unresolved(self) -> bool:
        """Whether it refers to rows that have not arrived yet, so that it must be validated again when they do."""
        return self._any_finding(pl.col("code") == "unknown-reference")

    @property
    def is_loadable(self) -> bool:
        """Whether its accepted rows go into the unified tables."""
        return self.verdict in ("accepted", "accepted_with_warnings", "partly_accepted")

    @property
    def is_nil(self) -> bool:
        """Whether it validly reports nothing."""
        return self.is_loadable and self.rows.read == 0

    def with_findings(self, findings: Iterable[Finding]) -> ReturnResult:
        """The same return with further findings; the verdict is as before."""
        placed = [replace(each, file=self.file, sheet=self.sheet) for each in as_agreed(findings, self.contract)]
        return replace(self, found=self.found.followed_by(Frames.of(findings_frame(placed)))) if placed else self

    def counts(self) -> dict[str, int]:
        """Findings by severity."""
        severities = [each["severity"] for each in self.found]
        return {each: sum(int((some == each).sum()) for some in severities) for each in ("error", "warning")}

    def _any_finding(self, is_so: pl.Expr) -> bool:
        return any(each.height and each.select(is_so.any()).item() for each in self.found)


def findings_frame(findings: Iterable[Finding]) -> pl.DataFrame:
    """Findings as a frame with the columns of :data:`FINDING_SCHEMA`."""
    rows = [each.as_dict() for each in findings]
    return pl.DataFrame(rows, schema=FINDING_SCHEMA) if rows else _NO_FINDINGS
