"""``contract diff``: what changed, on the command line: files, directories, versions and revisions of a git repository."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import probation_etl as pe
from lending import CANARY, RETURN, Lending
from places import Outcome

git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


@pytest.fixture(scope="module")
def old(library: Any) -> Path:
    """The contract of loans, in a directory."""
    made: Path = library.directory(library.contract(relationships=(), custom={"effectiveTo": None}))
    return made


@pytest.fixture(scope="module")
def new(library: Any) -> Path:
    """The same with a shorter list of branches, which are restricted now, references in another form, and longer notes."""
    changed = library.columns(
        branch={"enum": [{"value": "Central"}], "classification": "restricted"},
        loan_reference={"logicalTypeOptions": {"pattern": r"^L\d{5}$"}},
        notes={"logicalTypeOptions": {"maxLength": 30}},
    )
    made: Path = library.directory(library.contract(columns=changed))
    return made


def test_each_change_is_a_line_and_breaking_ones_come_first(
    command: Callable[..., Outcome], old: Path, new: Path
) -> None:
    found = command("contract", "diff", old, new)
    assert (found.code, found.err) == (1, "")
    assert (
        re.sub(r"of [\d,]+ example", "of N example", found.out)
        == """\
loans 1.0.0 → 1.0.0: 2 breaking, 1 unknown, 1 compatible
  breaking    column ‘Loan reference’: pattern: ‘^L\\d{5}$’, was ‘^L\\d{4}$’
                passed, and is refused now: Loan reference ‘A9999’: ‘A9999’ is not in the right format: it ends too soon; there are 5 characters, and 6 are due. [wrong-pattern]
  breaking    column ‘Branch’: list: ‘N’ removed
                passed, and is refused now: Branch ‘A’: ‘A’ is not one of: Central. [not-in-list]
  unknown     column ‘Branch’: restricted (of N example rows and returns none was refused, which is no proof)
  compatible  column ‘Notes’: at most characters: 30, was 20 (it refuses nothing that passed)
"""
    )


def test_json_has_the_same_and_the_library_too(command: Callable[..., Outcome], old: Path, new: Path) -> None:
    found = command("contract", "diff", old / "contract0.odcs.yaml", new / "contract0.odcs.yaml", "--format", "json")
    assert found.code == found.json["exit_code"] == 1
    (loans,) = found.json["contracts"]
    assert [each["effect"] for each in loans["changes"]] == ["breaking", "breaking", "unknown", "compatible"]
    branch = loans["changes"][1]
    assert (branch["path"], branch["refused"]["finding"]["code"]) == (["columns", "branch", "labels"], "not-in-list")
    assert found.json == pe.diff_contracts(old, new).as_dict()


def test_what_is_only_in_doubt_passes_unless_asked_otherwise(
    command: Callable[..., Outcome], library: Any, old: Path
) -> None:
    other = library.directory(
        library.contract(columns=library.columns(loan_reference={"logicalTypeOptions": {"pattern": r"^L\d\d\d\d$"}}))
    )
    found = command("contract", "diff", old, other)
    assert found.code == 0
    assert "  unknown     column ‘Loan reference’: pattern" in found.out
    assert command("contract", "diff", old, other, "--strict").code == 1
    assert command("contract", "diff", old, old).out == "Nothing changed.\n"
    assert command("-q", "contract", "diff", old, old).out == ""


def test_rows_of_unified_tables_are_compared_too(command: Callable[..., Outcome], library: Any) -> None:
    columns = [{"name": name, "logicalType": "string"} for name in ("branch", "loan_reference")]
    custom = {"layer": "unified", "identification": None, "reportingPeriod": None}
    unified = library.contract(name="loan", columns=columns, rules=(), custom=custom)
    sides = [
        library.directory(
            library.contract(custom={"mapping": {"table": "loan", "columns": {"branch": made, "loan_reference": "loan_reference"}}}),
            unified,
        )
        for made in ("branch", "CASE WHEN branch = 'N' THEN 'North' ELSE branch END")
    ]  # fmt: skip
    found = command("contract", "diff", *sides)
    assert found.code == 0
    heading, change, mapped = found.out.splitlines()
    assert heading == "loans 1.0.0 → 1.0.0: 1 compatible"
    assert change.startswith("  compatible  mapping of ‘branch’: condition: ")
    assert mapped.startswith("  mapped      loan.branch: ")
    assert mapped.endswith("get another value, such as ‘N’ before, ‘North’ now")


def test_a_contract_that_is_gone_breaks_its_returns(command: Callable[..., Outcome], library: Any, old: Path) -> None:
    other = library.directory(library.contract(name="cards", custom={"identification": {"fileName": r"cards\.csv"}}))
    found = command("contract", "diff", old, other)
    assert found.code == 1
    assert found.out == (
        "cards 1.0.0: added\n  compatible  contract: added\n"
        "loans 1.0.0: removed\n  breaking    contract: removed; nothing replaces it\n"
    )


@git
def test_a_revision_is_compared_with_what_is_there(
    command: Callable[..., Outcome], old: Path, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(old, tmp_path / "contracts")
    monkeypatch.chdir(tmp_path)
    for arguments in (
        ("init", "-q"),
        ("add", "-A"),
        ("-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "A"),
    ):
        subprocess.run([str(shutil.which("git")), *arguments], check=True, capture_output=True)
    assert command("contract", "diff", "contracts", "--from", "HEAD").out == "Nothing changed.\n"
    shutil.copy(new / "contract0.odcs.yaml", "contracts")
    told = command("contract", "diff", old, new).out
    for named in (
        ("contracts", "--from", "HEAD"), ("HEAD:contracts", "contracts"), ("contracts/contract0.odcs.yaml", "--from", "HEAD"),
        ("HEAD:contracts/contract0.odcs.yaml", "contracts/contract0.odcs.yaml"), ("loans", "--from", "HEAD", "--contracts", "contracts"),
    ):  # fmt: skip
        found = command("contract", "diff", *named)
        assert (found.out, found.err) == (told, ""), named
    command("contract", "diff", "contracts", "--from", "nowhere").refused(2, "There is no revision ‘nowhere’")
    command("contract", "diff", "contracts", "--from=--output=x").refused(2, "There is no revision ‘--output=x’")
    command("contract", "diff", "HEAD:elsewhere", "contracts").refused(2, "has no ‘elsewhere’")
    command("contract", "diff", old, "--from", "HEAD").refused(2, "is in no git repository")
    monkeypatch.setenv("PATH", str(tmp_path))
    command("contract", "diff", "contracts", "--from", "HEAD").refused(3, "The program git was not found")


def test_what_cannot_be_compared_is_said(
    command: Callable[..., Outcome], library: Any, old: Path, tmp_path: Path
) -> None:
    command("contract", "diff", old).refused(2, "name a second one")
    command("contract", "diff", old, tmp_path / "nothing.odcs.yaml").refused(2, "There is no file or folder")
    command("contract", "diff", "loans", "lones", "--contracts", old).refused(
        2, "There is no contract ‘lones’", "loans"
    )
    command("contract", "diff", "loans@1.0.0", "loans@2.0.0", "--contracts", old).refused(2, "has no version 2.0.0")
    (tmp_path / "draft.odcs.yaml").write_text("id: draft\n", encoding="utf-8")
    command("contract", "diff", old, tmp_path / "draft.odcs.yaml").refused(2, "fault(s) found in the contracts")
    mapping = {"table": "nowhere", "columns": {"loan": "loan_reference"}}
    alone = next(library.directory(library.contract(custom={"mapping": mapping})).rglob("*.odcs.yaml"))
    refused = command("contract", "diff", old, alone)
    refused.refused(2, "--contracts names others", "there is no unified table ‘nowhere’")


def test_a_draft_is_read_beside_the_contracts_that_it_is_for(
    command: Callable[..., Outcome], library: Any, old: Path, new: Path, tmp_path: Path
) -> None:
    shutil.copy(new / "contract0.odcs.yaml", tmp_path / "draft.odcs.yaml")
    found = command("contract", "diff", "loans", tmp_path / "draft.odcs.yaml", "--contracts", old)
    assert found.out == command("contract", "diff", old, new).out


def test_kept_returns_are_judged_by_both_and_nothing_is_written(
    command: Callable[..., Outcome], url: str, tmp_path: Path
) -> None:
    place = Lending(tmp_path, url, command)
    place.write()
    place.send("NORTH_lending_2020-03-08.csv", ("1", 2), ("2", 9))
    place.send("SOUTH_lending_2020-03-08.csv", ("3", 1))
    assert place.run().code in (0, 1)
    other = Lending(tmp_path / "other", url, command)
    # Tickets are no longer restricted there: their values must be masked all the same.
    changed = RETURN.replace("integer}", "integer, logicalTypeOptions: {maximum: 5}}").replace(
        ", classification: restricted", ""
    )
    other.write(returned=changed.replace("fine: fine", "fine: fine + 1"))
    before = place.command("status", "--store", url, "--contracts", place.contracts, "--json").out
    judged = command(
        "contract", "diff", place.contracts / "lending.odcs.yaml", other.contracts / "lending.odcs.yaml", "--store", url
    )
    assert judged.code == 1
    lines = judged.out.splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("lending:1.0.0:NORTH"))
    assert lines[at].endswith("NORTH_lending_2020-03-08.csv: accepted (2 of 2 rows) → partly accepted (1 of 2 rows)")
    assert lines[at + 1 : at + 3] == [
        "  raised  fine: fine|range [out-of-range] in row 3",
        "  mapped  loan.fine: 1 row of 1 get another value",
    ]
    assert lines[-1] == "2 kept return(s): 2 would come out otherwise, 1 would lose rows"
    assert CANARY not in judged.out + judged.err
    found = command("contract", "diff", place.contracts, other.contracts, "--store", url, "--format", "json").json
    assert [(each["supplier_code"], each["loses"], each["after"]["accepted"]) for each in found["replayed"]] == [
        ("NORTH", True, 1), ("SOUTH", False, 1),
    ]  # fmt: skip
    assert place.command("status", "--store", url, "--contracts", place.contracts, "--json").out == before
    missing = command(
        "contract", "diff", place.contracts, other.contracts, "--store", f"duckdb:///{tmp_path}/none.duckdb"
    )
    missing.refused(3, "There is no store at")
