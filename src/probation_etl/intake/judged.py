"""A file as far as it tells by itself. What needs another file, or another return, is left to :mod:`finished`.

A judged file is made of plain values, and may come from another process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.guard import Guard
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.intake.claims import Claim
from probation_etl.intake.context import context_of
from probation_etl.intake.control_totals import ControlTotals
from probation_etl.intake.found import FoundReturn
from probation_etl.intake.frames import NO_ROWS, Frames
from probation_etl.intake.guarded import ShownFile
from probation_etl.intake.judged_rows import JudgedRows, WholeRows, of_return
from probation_etl.intake.layout_findings import cut_off
from probation_etl.intake.long.layout import LongTable, lay_out
from probation_etl.intake.long.rows import LongRows
from probation_etl.intake.opened import OpenedFile, opened_file
from probation_etl.intake.parse import parse
from probation_etl.intake.readers import Grid, Limits
from probation_etl.intake.received import Received
from probation_etl.intake.result import Period, ReturnId, ReturnResult, Source, findings_frame
from probation_etl.intake.sender import NOTHING_GIVEN, Given
from probation_etl.intake.side_by_side import begun
from probation_etl.intake.table import RawTable, table_below
from probation_etl.intake.validate import found_alone
from probation_etl.intake.verdict import Rows
from probation_etl.journal import Clock

#: Bytes that a block of merged cells takes.
_BLOCK = 1 << 8
#: Of fewer bytes the hash is made sooner than a thread.
_LARGE = 1 << 20
#: The same of rows and what is said of names.
_MANY_ROWS = 1 << 14


@dataclass(frozen=True)
class JudgedReturn(Discreet):
    """A return, as far as its own file tells.

    Attributes:
        before: What is known of it before its rows are read: it is rejected, and has none.
        rows: Its rows; None where no row can be read.
        seconds: How long that took.
    """

    before: ReturnResult
    rows: JudgedRows | None
    seconds: float


@dataclass(frozen=True)
class JudgedFile(Discreet):
    """A file, as far as it tells by itself. Its texts are not masked yet.

    Attributes:
        shown: What is masked in them.
        sha256: Hash of its bytes.
        size: How many these are.
        sheets: The number of its sheets.
        seconds: How long it took to read it.
        returns: The returns in it; each may be judged only when it is asked for.
        claims: What they claim to be.
        memory: About how many bytes its cells take.
        refusal: Why it cannot be read.
    """

    shown: ShownFile
    sha256: str
    size: int
    sheets: int
    seconds: float
    returns: Iterable[JudgedReturn]
    claims: frozenset[Claim] = frozenset()
    memory: int = 0
    refusal: UnreadableFile | None = None


def judged_file(
    name: str,
    data: bytes | Received,
    rulebook: Rulebook,
    limits: Limits,
    *,
    given: Given = NOTHING_GIVEN,
    totals: ControlTotals | None = None,
    opened: OpenedFile | None = None,
    sha256: str = "",
) -> JudgedFile:
    """Judges the returns of a file by themselves; one when the one before it is done with.

    Args:
        name: Path of the file relative to the inbox.
        data: The whole file.
        rulebook: The contracts.
        limits: How large the file may be.
        given: What the caller knows about the file.
        totals: Control totals in a file beside it.
        opened: The file, if it was read and its returns were identified already.
        sha256: Hash of the file, if it is known already.
    """
    hashed, clock = _hashed(data, sha256), Clock()
    try:
        opened = opened or opened_file(name, data, rulebook, limits, given)
    except UnreadableFile as error:
        shown = ShownFile.of(name, hashed(), rulebook.guard)
        return JudgedFile(shown, hashed(), len(data), 0, clock.seconds, (), refusal=error)
    sha256 = hashed()
    shown = ShownFile.of(name, sha256, rulebook.guard, opened.returns)
    returns = _judged(opened, data, rulebook, shown, totals, sha256)
    return JudgedFile(
        shown, sha256, len(data), len(opened.grids), opened.seconds, returns, frozenset(opened.claims), _memory(opened)
    )


def _memory(opened: OpenedFile) -> int:
    own = [each.grid for each in opened.returns if each.grid and each.grid.numbers is not None]
    frames = [frame for grid in opened.grids for frame in (grid.cells, grid.kinds, grid.shown) if frame is not None]
    blocks = sum(len(grid.merged) for grid in opened.grids)
    return blocks * _BLOCK + sum(int(each.estimated_size()) for each in (*frames, *(grid.cells for grid in own)))


def _hashed(data: bytes | Received, sha256: str) -> Callable[[], str]:
    """Gives the hash of a file, which is made while the file is read if it is not known already."""
    return begun(lambda: sha256 or hash_of(data), is_much=not sha256 and len(data) > _LARGE)


def hash_of(data: bytes | Received) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    for part in (data,) if isinstance(data, bytes) else data.parts():
        found.update(part)
    return found.hexdigest()


def unread(name: str, sha256: str, finding: Finding) -> ReturnResult:
    """The result for a file of which nothing was read, and the finding that says why."""
    return _without_rows(FoundReturn(None, None, findings=(finding,)), Source(name), sha256)


def _judged(
    opened: OpenedFile,
    data: bytes | Received,
    rulebook: Rulebook,
    shown: ShownFile,
    totals: ControlTotals | None,
    sha256: str,
) -> Iterator[JudgedReturn]:
    for at, found in enumerate(opened.returns):
        clock = Clock()
        source = replace(shown.source(found, data, opened.grids), totals=totals)
        before, table = _table_of(found, _named(found, shown, first=at == 0), source, sha256)
        contract = found.contract
        rows = _rows_of(before, table, contract, rulebook, shown.guard) if contract and table else None
        yield JudgedReturn(before, rows, clock.seconds)


def _named(found: FoundReturn, shown: ShownFile, *, first: bool) -> Callable[[], FoundReturn]:
    """Gives a return with what is to be said of its names, which are compared with all restricted values beside other work."""
    is_much = found.grid is not None and found.grid.cells.height > _MANY_ROWS
    return begun(lambda: found.with_findings(*shown.findings(found, first=first)), is_much=is_much)


def _table_of(
    found: FoundReturn, named: Callable[[], FoundReturn], source: Source, sha256: str
) -> tuple[ReturnResult, RawTable | LongTable | None]:
    """What is known of a return before its rows are read, and its table."""
    contract, grid, header, sender = found.contract, found.grid, found.header, found.sender
    if contract is None or grid is None or header is None:
        lacking = (_no_header(grid, contract),) if contract and grid else ()
        return _without_rows(named().with_findings(*lacking), source, sha256), None
    table = table_below(header, grid, contract) if grid.pieces is None else lay_out(header, grid, contract)
    found = named().with_findings(*grid.findings, *check_control_total(sender.control_rows, table.height))
    if sender.control_rows != table.height:
        found = found.with_findings(*cut_off(grid, table.last_row, lacks_column=bool(table.missing)))
    return _without_rows(found, source, sha256), table


def _without_rows(found: FoundReturn, source: Source, sha256: str) -> ReturnResult:
    """The return without any rows: what is known of it before they are read."""
    sender = found.sender
    nothing = ReturnResult(
        ReturnId(found.contract, sender.supplier, Period(sender.period_start, sender.period_end), sha256), source,
        verdict="rejected", rows=Rows(), accepted_rows=NO_ROWS, quarantined_rows=NO_ROWS,
        found=Frames.of(findings_frame(())), control_rows=source.totals.rows if source.totals else sender.control_rows,
    )  # fmt: skip
    return nothing.with_findings(found.findings)


def _rows_of(
    before: ReturnResult, table: RawTable | LongTable, contract: ReturnContract, rulebook: Rulebook, guard: Guard
) -> JudgedRows:
    schema, context, totals = rulebook.schema_of(contract), _context(before), before.source.totals
    if isinstance(table, LongTable):
        return LongRows.judged(table, schema, context, guard, before.id.period, totals)
    parsed = parse(table, schema, context)
    told = of_return(parsed, table.frame.height, contract, before.id.period, totals)
    return WholeRows(table, parsed, told, found_alone(table, parsed, schema, guard))


def _context(before: ReturnResult) -> dict[str, object]:
    """Values of the context columns."""
    supplier = before.supplier
    return context_of(
        before.contract, supplier.code if supplier else None, supplier.kind if supplier else None, before.id.period,
        before.file,
    )  # fmt: skip


def check_control_total(announced: int | None, read: int) -> list[Finding]:
    """Compares the number of rows read with the number that the supplier announces on the cover."""
    if announced is None or announced == read:
        return []
    return [make("control-total", value=str(announced), expected=str(read))]


def _no_header(grid: Grid, contract: ReturnContract) -> Finding:
    headers = ", ".join(column.header for column in contract.columns)
    where = f"the sheet ‘{grid.sheet}’" if grid.sheet else "the file"
    if not grid.cells.height:
        return make("empty-file", expected=f"There is nothing in {where}, not even a header.")
    found = make("missing-column", hint="Put a row with these headers above the data.")
    return replace(found, message=f"No row of {where} has the headers of the return: {headers}.")
