"""The rows of a piece are judged in another process as in this one: the piece and the contracts go there, and what comes of it back."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from probation_etl.contracts.compiled_later import Compiled
from probation_etl.contracts.guard import Guard
from probation_etl.contracts.model import Contracts, ReturnContract
from probation_etl.contracts.organisations import Reference
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.long import rows as long_rows
from probation_etl.intake.long.engine import Local
from probation_etl.intake.long.kernel import JudgedPiece, Judgement, RawPiece, judged_piece
from probation_etl.intake.readers import in_pieces
from probation_etl.intake.received import InBytes

if TYPE_CHECKING:
    from conftest import Library


def judged_there(
    piece: RawPiece, context: dict[str, object], guard: Guard, contract: ReturnContract, contracts: Contracts, reference: Reference
) -> JudgedPiece:  # fmt: skip
    """What the other process does."""
    schema = Compiled(contracts, reference)[contract.id, contract.version]
    return judged_piece(piece, Judgement(schema, context, guard))


class Elsewhere(Local):
    """Judges each piece in another process, which compiles the contracts itself."""

    def __init__(self, pool: ProcessPoolExecutor, rulebook: Rulebook) -> None:
        self.pool, self.rulebook, self.pieces = pool, rulebook, 0

    def judge(self, pieces: Iterable[RawPiece], by: Judgement) -> Iterator[JudgedPiece]:
        known = self.rulebook
        assert isinstance(by.schema.contract, ReturnContract)
        for each in pieces:
            self.pieces += 1
            sent = (each, dict(by.context), by.guard, by.schema.contract, known.contracts, known.reference)
            yield self.pool.submit(judged_there, *sent).result()


def test_a_piece_is_judged_in_another_process_as_here(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = library.columns(notes={"unique": True, "classification": "restricted"})
    rules = [library.rule("returned_on >= lent_on", name="in_order", column="returned_on")]
    rulebook = library.rulebook(library.contract(columns=columns, rules=rules))
    rows = [
        library.row(Loan_reference=f"L{number:04}", Notes=f"note {number % 40}", Lent_on=f"{number % 40:02}/03/2024")
        for number in range(60)
    ]
    rows[7]["Lent on"], rows[9]["Branch"], rows[55]["Fine"] = "09/28/2024", "South", "n/a"
    data = library.csv(*rows)
    (whole,) = assess(library.file, data, rulebook)
    for name, value in (("PIECE", 1_000), ("_BEGINNING", 500), ("_LEAST_ROWS", 1)):
        monkeypatch.setattr(in_pieces, name, value)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        elsewhere = Elsewhere(pool, rulebook)
        monkeypatch.setattr(long_rows, "Local", lambda: elsewhere)
        (found,) = assess(library.file, InBytes(data), rulebook)
    assert elsewhere.pieces > 4
    assert {"row-rule", "ambiguous-dates", "not-in-list"} <= set(whole.findings["code"])
    assert (found.verdict, found.rows) == (whole.verdict, whole.rows)
    frames = (
        (found.findings, whole.findings),
        (found.accepted, whole.accepted),
        (found.quarantined, whole.quarantined),
    )
    for frame, same in frames:
        assert isinstance(frame, pl.DataFrame)
        assert_frame_equal(frame, same, check_exact=True)
