"""A changed contract does not touch what is loaded; what it would make of it is said on request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lending import RETURN, Lending
from places import Outcome
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.stores import connect


@pytest.fixture
def lending(url: str, tmp_path: Path, command: Callable[..., Outcome]) -> Lending:
    place = Lending(tmp_path, url, command)
    place.write()
    place.send("NORTH_lending_2020-03-08.csv", ("1", 2), ("2", 9))
    place.send("SOUTH_lending_2020-03-08.csv", ("3", 1))
    return place


def rows(lending: Lending) -> list[tuple[object, ...]]:
    rulebook = load_rulebook(lending.contracts)
    with connect(lending.url, rulebook.contracts, rulebook.tables) as store:
        return sorted(
            store.query(
                "SELECT ticket, fine, r.contract_version FROM unified.loan JOIN ledger.returns AS r USING (return_id)"
            ).rows()
        )


def test_a_changed_contract_leaves_rows_alone_and_a_command_says_what_it_would_do(lending: Lending) -> None:
    assert lending.run().code in (0, 1)
    loaded = rows(lending)
    assert [each[1:] for each in loaded] == [(2, "1.0.0"), (9, "1.0.0"), (1, "1.0.0")]
    judge = ("store", "rejudge", lending.url, "--contracts", lending.contracts)
    same = lending.command(*judge)
    assert (same.code, same.out) == (0, "2 return(s) that count: 0 would come out otherwise\n"), same
    changed = RETURN.replace(
        "logicalType: integer}", "logicalType: integer, logicalTypeOptions: {maximum: 5}}"
    ).replace("version: 1.0.0", "version: 1.1.0")
    (lending.contracts / "lending.odcs.yaml").write_text(changed, encoding="utf-8")
    (lending.root / "inbox" / "NORTH_lending_2020-03-08.csv").unlink()
    found = lending.command(*judge, "--json")
    assert (found.code, found.err) == (1, "")
    (north,) = [each for each in found.json["returns"] if each["differs"]]
    assert (north["loaded"]["contract_version"], north["loaded"]["rows_accepted"]) == ("1.0.0", 2)
    assert (north["now"]["contract_version"], north["now"]["rows_accepted"], north["now"]["rows_quarantined"]) == (
        "1.1.0",
        1,
        1,
    )
    assert "accepted by 1.0.0 (2 rows accepted, 0 quarantined); now " in lending.command(*judge).out
    assert rows(lending) == loaded
