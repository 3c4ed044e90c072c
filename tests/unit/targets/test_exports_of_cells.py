"""What other tools are told of forms of dates, moments, times, lengths, units and spellings; and what they are told is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pandera.errors import SchemaErrors

from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.targets.json_schema import to_json_schema
from probation_etl.targets.pandera_script import to_pandera_script
from probation_etl.targets.table_schema import to_table_schema

if TYPE_CHECKING:
    from conftest import Library

VISITS = Path(__file__).parents[2] / "data" / "desk_visits"
ROWS = b"Visit ID,Arrived,Seen,Desk opens,Time at desk,Logged\nV1,09/03/2020 09:30,,09:00,0:25,09/03/2020 18:00\n"


def test_moments_times_and_lengths_have_their_types_in_other_tools() -> None:
    rulebook = load_rulebook(VISITS)
    (contract,) = rulebook.contracts.return_versions()
    schema = rulebook.schema_of(contract)
    properties = json.loads(to_json_schema(schema))["properties"]
    assert properties["arrived_at"]["pattern"].startswith("^[0-9]{4}-[0-9]{2}-[0-9]{2}T")
    assert properties["time_at_desk"]["format"] == "duration"
    document = json.loads(to_table_schema(schema))
    fields = {each["name"]: each for each in document["fields"]}
    assert (fields["Arrived"]["type"], fields["Arrived"]["format"]) == ("datetime", "%d/%m/%Y %H:%M")
    assert fields["Arrived"]["constraints"]["minimum"] == "01/01/2015 08:00"
    assert (fields["Desk opens"]["type"], fields["Desk opens"]["constraints"]["minimum"]) == ("time", "07:00")
    assert (fields["Time at desk"]["type"], fields["Seen"]["type"], fields["Logged"]["type"]) == ("string",) * 3
    lost = {each["rule"]: each["why"] for each in document["_probation_etl"]["not_expressed"]}
    assert lost["time_at_desk|type"] == "lengths of time have the form of ISO 8601 there"
    (result,) = assess("visits_LEEDS_2020-03-31.csv", ROWS, rulebook)
    good = result.accepted_rows.parts[0].read()
    made: dict[str, Any] = {}
    exec(to_pandera_script(schema), made)  # noqa: S102 -- the script is ours
    for check in (made["SCHEMA"], contract.to_pandera() if contract.tools else made["SCHEMA"]):
        assert check.validate(good, lazy=True).height == 1
        with pytest.raises(SchemaErrors) as caught:
            check.validate(good.with_columns(good["time_at_desk"] * 100), lazy=True)
        assert "row|not_a_day_long" in str(caught.value)


def test_what_a_cell_may_look_like_is_named_where_a_tool_cannot_have_it(library: Library) -> None:
    def own(**properties: Any) -> dict[str, Any]:
        return {"customProperties": [{"property": name, "value": value} for name, value in properties.items()]}

    columns = library.columns(
        fine=own(unit={"texts": ["GBP"]}, decimalSeparator=","),
        notes={**own(list={"separator": ";"}, ignore=["case"]), "enum": [{"value": "Arts"}, {"value": "Law"}]},
        lent_on={**own(yearPivot=2030), "logicalTypeOptions": {"format": "dd/MM/yy"}},
    )
    rulebook = library.rulebook(library.contract(columns=columns, rules=[]))
    (contract,) = rulebook.contracts.return_versions()
    said = {}
    for target in (to_json_schema, to_table_schema):
        about = json.loads(target(rulebook.schema_of(contract)))["_probation_etl"]
        lost = {each["rule"]: each["why"] for each in about["not_expressed"]}
        said[target.__name__] = lost
        assert "several values" in lost["notes|enum"] or "spell a listed value" in lost["notes|enum"]
        parts = {each["part"] for each in about["also"]}
        assert {"fine|unit", "fine|decimals", "notes|list", "notes|ignore", "lent_on|years"} <= parts
    assert said["to_table_schema"]["lent_on|type"] == "tools have years of their own that two digits mean"
    assert "units" in said["to_table_schema"]["fine|type"]
