"""A long file comes to the same store and the same reports as if it were read whole; its rows wait in the temporary folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from two_runs import differences, runs_of

from places import Outcome, Place
from probation_etl.intake import pieces
from probation_etl.intake.long import engine
from probation_etl.intake.long import rows as long_rows
from probation_etl.intake.readers import columnar_in_pieces, in_pieces, long_lines
from probation_etl.intake.spill import Spill


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> Iterator[mock.Mock]:
    """Files of some lines are long, and are read some lines at a time."""
    monkeypatch.setattr(long_lines, "LONG", 150)
    monkeypatch.setattr(in_pieces, "PIECE", 60)
    monkeypatch.setattr(in_pieces, "_BEGINNING", 150)
    monkeypatch.setattr(in_pieces, "_LEAST_ROWS", 1)
    monkeypatch.setattr(columnar_in_pieces, "_FEW_ROWS", 0)
    for module in (pieces, long_rows):
        monkeypatch.setattr(module, "ROWS_AT_A_TIME", 3)
    monkeypatch.setattr(engine, "NUMBERS_AT_A_TIME", 7)
    with mock.patch.object(Spill, "kept", autospec=True, side_effect=Spill.kept) as kept:
        yield kept


@pytest.mark.usefixtures("quick")
def test_the_store_and_the_reports_are_those_of_whole_files(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    whole = runs_of(Place(tmp_path / "whole"), 1)
    kept = request.getfixturevalue("long")
    assert differences(runs_of(Place(tmp_path / "long"), 1), whole) == []
    assert kept.call_count > 80


@pytest.mark.usefixtures("long")
def test_where_the_temporary_folder_is_out_of_reach_the_command_says_so(
    place: Place, command: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put("N50_breaches_2020-03-29.csv", b"a,b\n" * 300)
    monkeypatch.setattr(tempfile, "TemporaryFile", mock.Mock(side_effect=PermissionError(13, "Permission denied")))
    refused = command(*place.arguments)
    refused.refused(3, "cannot be kept in the temporary folder", "Permission denied")
