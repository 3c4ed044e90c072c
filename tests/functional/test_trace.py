"""Every row of the unified tables leads back to the cells that it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from senders import breach, extract

from places import Outcome, Place, SampleRun
from probation_etl.audit.trace import trace
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.stores import connect

Command = Callable[..., Outcome]
NAME = "N53_breaches_2020-09-28.csv"
DAYS = {"referral_date": "2020-09-08", "logged_date": "2020-09-10"}


def says(cell: str | None, value: Any) -> bool:
    """Whether a raw cell is a way to write that value."""
    if cell is None:
        return False
    if isinstance(value, Decimal):
        return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None and Decimal(cell) == value
    if isinstance(value, date):
        return cell[:10] in (value.isoformat(), value.strftime("%d/%m/%Y"))
    return cell.strip() == str(value)


def test_the_cells_of_every_row_of_the_sample_say_what_the_row_holds(
    sample: SampleRun, shipped_rulebook: Rulebook
) -> None:
    """A value that the mapping takes over unchanged is in the cell that the trace shows."""
    traced = 0
    with connect(sample.url, shipped_rulebook.contracts, shipped_rulebook.tables) as store:
        for unified in shipped_rulebook.contracts.of_layer("unified"):
            rows = {(each["return_id"], each["source_row"]): each for each in store.table(unified.table).to_dicts()}
            found = trace(store, shipped_rulebook, unified.table, {}, show_restricted=True, limit=None).as_dict()
            assert len(found["rows"]) == found["rows_found"] == len(rows)
            for each in found["rows"]:
                row = rows[each["return_id"], each["source_row"]]
                contract = shipped_rulebook.contracts[each["contract_id"]]
                cells = {cell["column"]: cell["value"] for cell in each["cells"]}
                copied = [c for c in contract.mapping.columns if c.expression in cells and not c.codes]  # type: ignore[union-attr]
                assert len(copied) >= 3
                for column in copied:
                    if row[column.name] is not None and column.name != "status":  # which the table's query changes
                        assert says(cells[column.expression], row[column.name]), (each["return_id"], column.name)
                assert each["cells_missing"] is None
                assert (sample.inbox / each["file"]).exists()
                assert each["state"] == "current"
                traced += 1
    assert traced > 400


@pytest.mark.usefixtures("quick")
class TestTheCommand:
    """What ``trace`` prints."""

    def test_a_case_reference_is_masked_without_show_restricted(self, place: Place, command: Command) -> None:
        place.put(
            NAME,
            extract(*(breach(each, **DAYS) for each in (1, 2)), breach(3, **{**DAYS, "referral_date": "2020-08-03"})),
        )
        command(*place.arguments)
        arguments = ("trace", "--store", place.url, "breach", "case_reference=X990002")
        masked, shown = command(*arguments), command(*arguments, "--show-restricted")
        assert (masked.code, masked.err, shown.code) == (0, "", 0)
        assert "X990002" not in masked.out
        assert "A999999" in masked.out
        assert "crn: X990002" in shown.out
        for text in (NAME, "row 3", "nps-breaches 1.0.0", "hearing_date", "1 row(s)", "attempt 1, accepted"):
            assert text in masked.out
        warned = command("trace", "--store", place.url, "breach", "initiated_on=2020-08-03", "--json").json["rows"][0]
        assert [each["severity"] for each in warned["findings"]] == ["warning"]
        (row,) = command(*arguments, "--json").json["rows"]
        assert row["findings"] == []
        assert row["row"]["case_reference"] == "A999999"
        assert {cell["header"]: cell["value"] for cell in row["cells"]}["disposal_code"] == "CO"

    def test_many_rows_are_counted_and_the_first_shown(self, place: Place, command: Command) -> None:
        place.put(NAME, extract(*(breach(each, **DAYS) for each in range(1, 31))))
        command(*place.arguments)
        found = command("trace", "--store", place.url, "breach", "provider_code=N53", "outcome=", "--json").json
        assert (found["rows_found"], len(found["rows"])) == (30, 20)
        text = command("trace", "--store", place.url, "breach", "provider_code=N53").out
        assert "30 row(s), 10 of them not shown" in text

    def test_a_superseded_row_is_traced_as_of_its_run(self, place: Place, command: Command) -> None:
        place.put(NAME, extract(breach(1, **DAYS)))
        first = command(*place.arguments, "--json").json["run_id"]
        place.put(NAME.replace(".csv", "_v2.csv"), extract(breach(2, **DAYS)))
        command(*place.arguments)
        arguments = ("trace", "--store", place.url, "breach", "case_reference=X990001")
        command(*arguments).refused(2, "No row of breach has this value")
        (row,) = command(*arguments, "--as-of", first, "--json").json["rows"]
        assert row["state"].startswith("superseded by nps-breaches:1.0.0:N53:2020-09-28:")
        assert len(row["cells"]) == 13
        name = row["state"].removeprefix("superseded by ")
        command("store", "withdraw", place.url, name, "--reason", "a slip", "--reports", place.reports)
        assert command(*arguments, "--json").json["rows"][0]["state"] == "current"

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("breech", "status=x"), ("no unified table ‘breech’", "did you mean ‘breach’?")),
            (("breach", "staus=x"), ("no column ‘staus’", "did you mean ‘status’?")),
            (("breach", "logged_on=CANARY"), ("‘logged_on’ is not of the type date", "2020-11-29")),
            (("breach", "event_number=CANARY"), ("not of the type integer",)),
            (("breach", "case_reference=CANARY"), ("No row of breach",)),
            (("breach", "status"), ("expected a column and its value",)),
            (("weekly_breaches", "logged=1"), ("is a view", "Trace a row of breach, caseload")),
            (("breach", "status=x", "--as-of", "nothing"), ("knows no run ‘nothing’",)),
        ],
        ids=lambda each: " ".join(each),
    )
    def test_what_is_not_there_is_a_usage_error(
        self, arguments: tuple[str, ...], words: tuple[str, ...], sample: SampleRun, command: Command
    ) -> None:
        outcome = command("trace", "--store", sample.url, *arguments)
        outcome.refused(2, *words)
        assert "CANARY" not in outcome.err

    def test_there_must_be_a_store(self, tmp_path: Path, command: Command) -> None:
        command("trace", "--store", f"duckdb:///{tmp_path / 'a.duckdb'}", "breach", "status=x").refused(3, "no store")

    def test_a_suspended_breach_leads_to_its_suspension_too(self, sample: SampleRun, command: Command) -> None:
        found = command("trace", "--store", sample.url, "breach", "status=suspended", "--json").json
        assert all([other["table"] for other in each["joined"]] == ["suspended_breach"] for each in found["rows"])
        assert all(other["cells"] for each in found["rows"] for other in each["joined"])
        assert (
            "joined from suspended_breach" in command("trace", "--store", sample.url, "breach", "status=suspended").out
        )
        json.dumps(found)
