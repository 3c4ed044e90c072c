"""``completeness`` of a unified table: checks that every sender has sent every return, without any SQL in the contract."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lending import RETURN, UNIFIED, VIEW, Lending
from places import Outcome

Command = Callable[..., Outcome]

WEEKS = ("2020-03-08", "2020-03-15", "2020-03-22")
LIBRARIES = ("A", "B", "C")
COMPLETE = """\
  - property: completeness
    value: {returns: [lending]}
"""
SENT_BY_LIBRARIES = """\
  - property: suppliers
    value: {kind: library, expectedLevel: town}
"""
ORGANISATIONS = """\
code,name,kind,level,valid_from,valid_to
A,Ayton,library,town,2010-01-01,
B,Beeford,library,town,2010-01-01,
C,Cayton,library,town,2010-01-01,
D,Library on wheels,library,mobile,2010-01-01,
"""


def complete(lending: Lending, *, unified: str = UNIFIED + COMPLETE, sent: str = RETURN + SENT_BY_LIBRARIES) -> Lending:
    """A library whose loans must be complete."""
    lending.write(unified=unified)
    (lending.contracts / "lending.odcs.yaml").write_text(sent, encoding="utf-8")
    (lending.contracts / "reference").mkdir(exist_ok=True)
    (lending.contracts / "reference" / "organisations.csv").write_text(ORGANISATIONS, encoding="utf-8")
    return lending


def checks(lending: Lending) -> dict[str, tuple[bool, str, str]]:
    """What the checks of completeness found: passed, severity and detail."""
    names = ("table|no_provider_missing", "table|every_provider_sends", "table|newest_period_complete")
    found = {each["check"]: each for each in lending.json()["release_checks"] if each["table"] == "loan"}
    assert [name for name in found if name in names] == list(names)
    return {name: (found[name]["passed"], found[name]["severity"], found[name]["detail"]) for name in names}


def send(lending: Lending, *libraries: str, week: str) -> None:
    for library in libraries:
        lending.send(f"{library}_lending_{week}.csv", (f"{library}{week}", 0), day=week)


def test_a_period_left_out_is_an_error_and_one_still_to_come_a_warning(
    url: str, tmp_path: Path, command: Command
) -> None:
    lending = complete(Lending(tmp_path, url, command))
    send(lending, *LIBRARIES, week=WEEKS[0])
    assert [passed for passed, _, _ in checks(lending).values()] == [True, True, True]
    send(lending, "A", "B", week=WEEKS[1])
    assert checks(lending) == {
        "table|no_provider_missing": (
            True, "error", "Returns that a provider left out between its first and the newest period: expected exactly 0: found 0",
        ),
        "table|every_provider_sends": (
            True, "warning", "Providers that must send this return and have not sent it for any period: expected exactly 0: found 0",
        ),
        "table|newest_period_complete": (
            False, "warning", "Providers that have not sent for the newest period yet: expected exactly 0: found 1",
        ),
    }  # fmt: skip
    send(lending, *LIBRARIES, week=WEEKS[2])
    left_out = checks(lending)
    assert left_out["table|no_provider_missing"][0] is False
    assert left_out["table|newest_period_complete"][0] is True
    assert lending.check().code == 1


def test_who_must_send_is_what_the_contract_of_the_return_says(url: str, tmp_path: Path, command: Command) -> None:
    lending = complete(Lending(tmp_path, url, command))
    send(lending, "A", week=WEEKS[0])
    assert checks(lending)["table|every_provider_sends"][0] is True  # one of three is not yet a picture of all
    send(lending, "B", week=WEEKS[0])
    assert checks(lending)["table|every_provider_sends"][2].endswith("found 1")
    complete(lending, sent=(RETURN + SENT_BY_LIBRARIES).replace(", expectedLevel: town", ""))
    send(lending, "C", week=WEEKS[0])
    assert checks(lending)["table|every_provider_sends"][2].endswith("found 1")  # the library on wheels


def test_a_contract_may_let_a_period_left_out_be_a_warning(tmp_path: Path, command: Command) -> None:
    lending = complete(
        Lending(tmp_path, f"duckdb:///{tmp_path / 'store.duckdb'}", command),
        unified=UNIFIED + COMPLETE.replace("[lending]", "[lending], severity: warning"),
    )
    send(lending, *LIBRARIES, week=WEEKS[0])
    send(lending, "A", week=WEEKS[1])
    send(lending, "A", week=WEEKS[2])
    assert checks(lending)["table|no_provider_missing"][:2] == (False, "warning")
    assert lending.check().code == 0


def test_show_says_which_returns_must_be_complete(tmp_path: Path, command: Command) -> None:
    lending = complete(Lending(tmp_path, "", command))
    shown = command("contract", "show", "loan", "--contracts", lending.contracts)
    assert "  complete: lending\n" in shown.out
    described = json.loads(command("contract", "show", "loan", "--contracts", lending.contracts, "--json").out)
    assert described["complete"] == ["lending"]


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ("great-expectations", r'"rule": "table\|(\w+)",\s+"why": "it is a query, which counts in the store'),
        ("json-schema", r'"rule": "table\|(\w+)",\s+"why": "it is a query, which counts in the store'),
        ("frictionless", r'"rule": "table\|(\w+)",\s+"why": "it is a query, which counts in the store'),
        ("pandera", r"'table\|(\w+)': 'it is a query, which counts in the store"),
    ],
)  # fmt: skip
def test_what_no_export_can_count_is_named_in_it(target: str, named: str, tmp_path: Path, command: Command) -> None:
    lending = complete(Lending(tmp_path, "", command))
    exported = command("contract", "export", "loan", "--to", target, "--contracts", lending.contracts).out
    assert re.findall(named, exported) == [
        "no_provider_missing", "every_provider_sends", "newest_period_complete", "fines_together", "nobody_owes",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("unified", "sent", "said"),
    [
        ("returns: [lendings]", "", "completeness: there is no return ‘lendings’; did you mean ‘lending’?"),
        ("returns: [loan]", "", "completeness: there is no return ‘loan’"),
        ("returns: []", "", "completeness: [] should be non-empty"),
        ("returns: [lending, lending]", "", "has non-unique elements"),
        ("severity: error", "", "completeness: the key ‘returns’ is needed here"),
        ("return: [lending]", "", "completeness: ‘return’ is not a key we know; did you mean ‘returns’?"),
        ("returns: [lending], severity: grave", "", "completeness: this is ‘grave’, expected one of error, warning"),
        ("returns: [lending]", RETURN, "completeness: the contract of ‘lending’ does not say who must send it: it needs suppliers with a kind"),
    ],
)  # fmt: skip
def test_completeness_that_cannot_be_checked_is_a_fault(
    unified: str, sent: str, said: str, tmp_path: Path, command: Command
) -> None:
    contract = UNIFIED + COMPLETE.replace("returns: [lending]", unified)
    lending = complete(Lending(tmp_path, "", command), unified=contract, sent=sent or RETURN + SENT_BY_LIBRARIES)
    found = command("contract", "lint", lending.contracts)
    assert found.code == 2
    (fault,) = [line for line in found.out.splitlines() if "loan.odcs.yaml:" in line]
    assert said in fault


@pytest.mark.parametrize(
    ("view", "unified", "said"),
    [
        (VIEW + COMPLETE, UNIFIED, "completeness: only a unified table has completeness; this is a view"),
        (VIEW, (UNIFIED + COMPLETE).replace("nobody_owes", "no_provider_missing"), "completeness: it makes the check ‘no_provider_missing’: give another id to the one under quality"),
    ],
)  # fmt: skip
def test_completeness_belongs_to_a_unified_table_and_keeps_its_names(
    view: str, unified: str, said: str, tmp_path: Path, command: Command
) -> None:
    lending = complete(Lending(tmp_path, "", command), unified=unified)
    lending.write(unified=unified, view=view)
    (lending.contracts / "lending.odcs.yaml").write_text(RETURN + SENT_BY_LIBRARIES, encoding="utf-8")
    found = command("contract", "lint", lending.contracts)
    assert (found.code, said in found.out) == (2, True)


def test_completeness_of_a_return_is_a_fault(tmp_path: Path, command: Command) -> None:
    lending = complete(Lending(tmp_path, "", command), sent=RETURN + SENT_BY_LIBRARIES + COMPLETE)
    found = command("contract", "lint", lending.contracts)
    assert (found.code, "only a unified table has completeness; this is of layer return" in found.out) == (2, True)


def test_completeness_of_another_tables_return_is_a_fault(tmp_path: Path, command: Command) -> None:
    lending = complete(Lending(tmp_path, "", command))
    other = (
        (UNIFIED + COMPLETE)
        .replace("id: loan\n", "id: debt\n")
        .replace("name: loan\n", "name: debt\n")
        .replace("unified.loan", "unified.debt")
    )
    (lending.contracts / "debt.odcs.yaml").write_text(other, encoding="utf-8")
    found = command("contract", "lint", lending.contracts)
    assert (found.code, "completeness: ‘lending’ is mapped to loan, not to debt" in found.out) == (2, True)


def test_completeness_needs_the_list_of_organisations(tmp_path: Path, command: Command) -> None:
    lending = complete(Lending(tmp_path, "", command))
    (lending.contracts / "reference" / "organisations.csv").unlink()
    found = command("contract", "lint", lending.contracts)
    assert (
        found.code,
        "it needs the reference table ‘organisations’, which says who must send returns" in found.out,
    ) == (
        2,
        True,
    )
