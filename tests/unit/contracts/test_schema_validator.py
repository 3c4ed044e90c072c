"""The quick validator and the one that explains give the same answer."""

from __future__ import annotations

import json
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.contracts.odcs.schema_errors import check
from probation_etl.contracts.odcs.schema_validator import Form

STANDARD = Form(json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")))
_CONTRACTS = Path(__file__).parents[3] / "contracts" / "returns"
CONTRACT = yaml.safe_load((_CONTRACTS / "nps-caseload.odcs.yaml").read_text(encoding="utf-8"))
BRANCH = Form({"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}})


def places(data: Any, steps: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every part of a document by its steps."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [steps, *(place for key, each in inner for place in places(each, (*steps, key)))]


@given(
    place=st.sampled_from(places(CONTRACT)[1:]), value=st.sampled_from([None, "", 1, 1.5, True, [], {}, "x", {"x": 1}])
)
def test_both_libraries_agree_on_a_contract_with_any_part_changed(place: tuple[Any, ...], value: Any) -> None:
    data = deepcopy(CONTRACT)
    holder = data
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    assert STANDARD.is_kept(data) == (not list(STANDARD.errors(data)))


def test_data_that_keep_to_it_have_no_fault() -> None:
    assert check(BRANCH, {"name": "Central"}).faults == ()


def test_data_that_do_not_are_explained() -> None:
    assert check(BRANCH, {"nmae": "Central"}).faults == (((), "the key ‘name’ is needed here"),)


@pytest.mark.parametrize("key", [1, None, True])
def test_a_key_that_is_not_text_is_refused_with_a_reason(key: Any) -> None:
    assert not BRANCH.is_kept({key: "Central"})


def test_a_form_says_its_own_draft_or_has_the_newest() -> None:
    assert STANDARD.schema["$schema"].endswith("2019-09/schema")
    assert BRANCH.schema["$schema"].endswith("2020-12/schema")
