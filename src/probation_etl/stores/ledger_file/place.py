"""Where the ledger file of a store is: beside an embedded store, else where the store says that it was started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from probation_etl.discreet import Discreet
from probation_etl.errors import LedgerMismatch, UsageError
from probation_etl.stores.engine import Engine
from probation_etl.stores.ledger_file.book import Book

_ENDING = ".ledger.jsonl"


def beside(file: Path) -> Path:
    """The ledger file beside an embedded store."""
    return file.with_name(f"{file.name}{_ENDING}")


@dataclass(frozen=True)
class LedgerPlace(Discreet):
    """Where the ledger file of a store is started.

    Attributes:
        given: Where the user says; by default beside an embedded store.
        reports: The reports directory, where that of a store on a server is by default.
    """

    given: Path | None = None
    reports: Path | None = None


#: Where the store says, or beside it.
BY_DEFAULT = LedgerPlace()


def book(engine: Engine, store: str, where: LedgerPlace = BY_DEFAULT, *, moved: bool = False) -> Book | None:
    """The ledger file of a store; None where it has none and it is not known where it would be.

    Args:
        engine: The database of the store.
        store: The store's identity.
        where: Where it is started, or must be.
        moved: Whether it may be given another place than it had.

    Raises:
        UsageError: It is in another place than the user says.
    """
    known = engine.rows("SELECT place FROM ledger.ledger_file")
    here = beside(engine.file) if engine.file else None
    was = (Path(known[0][0]) if known[0][0] else here) if known else None
    wanted = where.given.absolute() if where.given else None
    if was and wanted and wanted != was and not moved:
        raise UsageError(
            f"The ledger file of this store is {was}, not {wanted}. ‘probation-etl store accept-ledger URL --ledger {wanted} "
            "--reason …’ gives it another place."
        )
    by_default = here or (where.reports.absolute() / f".{store}{_ENDING}" if where.reports else None)
    path = wanted or was or by_default
    return Book(engine, store, path, is_known=path == was) if path else None


def remember(engine: Engine, book: Book) -> None:
    """Lets the store say where its ledger file is; nothing where that is beside it, so that both can be moved."""
    path = book.file.path
    place = None if engine.file and path == beside(engine.file) else str(path)
    if engine.rows("SELECT place FROM ledger.ledger_file") != [(place,)]:
        engine.execute("DELETE FROM ledger.ledger_file")
        engine.execute("INSERT INTO ledger.ledger_file VALUES ($1)", [place])


def refuse_without_store(file: Path) -> None:
    """Refuses to make a new store where a ledger file says that there was one.

    Raises:
        LedgerMismatch: There is one.
    """
    ledger = beside(file.resolve())
    if not file.exists() and ledger.exists():
        raise LedgerMismatch(
            f"There is no store at {file}, but its ledger file {ledger} is there. Put the store back; or, for a new and empty store, "
            "move the ledger file away. Nothing was done."
        )
