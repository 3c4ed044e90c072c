"""``contract template``: a blank workbook that, sent as it comes, is a valid return with nothing to report."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

from places import CHECKOUT, Outcome
from probation_etl.contracts.odcs import load_contracts
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.readers import read_grids
from probation_etl.intake.sender import Given
from probation_etl.targets.workbook_template import make_template

_COVER = {
    "Organisation": "Cheshire and Greater Manchester CRC", "Provider code": "C07",
    "Period start": "15/09/2020", "Period end": "28/09/2020",
}  # fmt: skip
_SENDERS = {"crc": "C07", "nps": "N53"}
_PERIOD_END = date(2020, 9, 28)
Command = Callable[..., Outcome]


def test_the_workbook_has_a_sheet_for_each_return_of_the_family(command: Command, tmp_path: Path) -> None:
    workbook = tmp_path / "blank.xlsx"
    outcome = command("contract", "template", "crc-caseload", "-o", workbook)
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    sheets = [grid.sheet for grid in read_grids(workbook.read_bytes())]
    assert sheets == ["Cover", "Breaches", "Caseload", "Suspended breaches"]
    assert [each.name for each in tmp_path.iterdir()] == ["blank.xlsx"]


@pytest.mark.parametrize("name", [each.id for each in load_contracts().of_layer("return")])
def test_a_template_of_each_shipped_return_is_valid_as_it_comes(command: Command, tmp_path: Path, name: str) -> None:
    workbook = tmp_path / "blank.xlsx"
    assert command("contract", "template", name, "-o", workbook).code == 0
    given = ("--as-supplier", _SENDERS[name.partition("-")[0]], "--period-end", _PERIOD_END)
    outcome = command("validate", workbook, *given, "--format", "json")
    returns = outcome.json["returns"]
    assert outcome.code == 0
    assert name in [each["contract"]["id"] for each in returns]
    assert {(each["verdict"], each["rows"]["read"], len(each["findings"])) for each in returns} == {("accepted", 0, 0)}


def test_a_template_of_one_sheet_can_be_validated_against_its_contract(command: Command, tmp_path: Path) -> None:
    workbook = tmp_path / "blank.xlsx"
    command("contract", "template", "nps-breaches", "-o", workbook)
    given = ("--contract", "nps-breaches", "--as-supplier", "N53", "--period-end", _PERIOD_END)
    outcome = command("validate", workbook, *given, "--format", "json")
    assert (outcome.code, [each["findings"] for each in outcome.json["returns"]]) == (0, [[]])


def test_a_template_that_nobody_filled_in_is_refused_for_its_sender_and_period(
    command: Command, tmp_path: Path
) -> None:
    workbook = tmp_path / "blank.xlsx"
    command("contract", "template", "crc-breaches", "-o", workbook)
    outcome = command("validate", workbook, "--format", "json")
    assert outcome.code == 1
    for each in outcome.json["returns"]:
        assert {finding["code"] for finding in each["findings"]} == {"unknown-organisation", "period-mismatch"}


def test_an_unknown_contract_is_a_usage_error_with_a_suggestion(command: Command, tmp_path: Path) -> None:
    outcome = command("contract", "template", "crc-breeches", "-o", tmp_path / "x.xlsx")
    outcome.refused(2, "There is no return ‘crc-breeches’; did you mean ‘crc-breaches’?")
    assert not list(tmp_path.iterdir())


def test_only_a_return_contract_has_a_template(command: Command, tmp_path: Path) -> None:
    command("contract", "template", "zzz", "-o", tmp_path / "x.xlsx").refused(
        2, "There is no return ‘zzz’; expected one of"
    )
    command("contract", "template", "national-tracker", "-o", tmp_path / "x.xlsx").refused(
        2, "There is no return ‘national-tracker’"
    )


def test_a_file_that_is_there_is_overwritten_only_by_force(command: Command, tmp_path: Path) -> None:
    workbook = tmp_path / "mine.xlsx"
    workbook.write_text("a week's work", encoding="utf-8")
    arguments = ("contract", "template", "nps-caseload", "-o", workbook)
    command(*arguments).refused(2, "mine.xlsx", "--force")
    assert workbook.read_text(encoding="utf-8") == "a week's work"
    assert command(*arguments, "--force").code == 0
    assert read_grids(workbook.read_bytes())


def test_a_directory_that_does_not_exist_is_an_error(command: Command, tmp_path: Path) -> None:
    outcome = command("contract", "template", "nps-caseload", "-o", tmp_path / "none" / "x.xlsx")
    outcome.refused(3, "cannot be written", "No such file or directory")


def test_contracts_of_a_directory_have_templates_too(command: Command, tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "contracts", tmp_path / "contracts")
    path = tmp_path / "contracts" / "returns" / "crc-caseload.odcs.yaml"
    text = path.read_text(encoding="utf-8").replace("physicalName: Grade", "physicalName: Rank")
    path.write_text(text.replace(", Grade,", ", Rank,"), encoding="utf-8")
    workbook = tmp_path / "blank.xlsx"
    command("contract", "template", "crc-caseload", "-o", workbook, "--contracts", tmp_path / "contracts")
    assert "Rank" in read_grids(workbook.read_bytes())[2].cells.row(2)


# In a spreadsheet program


@pytest.fixture
def resaved(tmp_path: Path) -> Callable[[bytes, str], bytes]:
    """Opens a workbook in LibreOffice and saves it again."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed: apt-get install -y --no-install-recommends libreoffice-calc-nogui")

    def save(workbook: bytes, kind: str) -> bytes:
        (tmp_path / "blank.xlsx").write_bytes(workbook)
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        target = ("--convert-to", kind, "--outdir", str(tmp_path / "saved"))
        arguments = [program, profile, "--headless", *target, str(tmp_path / "blank.xlsx")]
        subprocess.run(arguments, check=True, capture_output=True, timeout=180)
        return (tmp_path / "saved" / f"blank.{kind}").read_bytes()

    return save


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_saved_by_libreoffice_it_is_still_a_valid_nil_return(
    resaved: Callable[[bytes, str], bytes], shipped_rulebook: Rulebook, kind: str
) -> None:
    contracts = shipped_rulebook.contracts
    workbook = resaved(make_template(contracts["crc-breaches"], contracts, cover_values=_COVER), kind)
    results = list(assess(f"any.{kind}", workbook, shipped_rulebook))
    assert len(results) == 3
    for result in results:
        assert (result.is_nil, result.findings.rows(), result.period_end) == (True, [], _PERIOD_END)
        assert result.supplier is not None
        assert result.supplier.code == "C07"


def test_saved_by_libreoffice_a_template_of_one_sheet_is_still_valid(
    resaved: Callable[[bytes, str], bytes], shipped_rulebook: Rulebook
) -> None:
    contracts = shipped_rulebook.contracts
    workbook = resaved(make_template(contracts["nps-breaches"], contracts), "xlsx")
    (result,) = assess("any.xlsx", workbook, shipped_rulebook, given=Given((), "N53", _PERIOD_END))
    assert (result.is_nil, result.findings.rows()) == (True, [])


@pytest.fixture
def with_a_long_list(tmp_path: Path) -> Rulebook:
    """The shipped contracts, but the courts are a list that no drop-down can hold itself."""
    shutil.copytree(CHECKOUT / "contracts", tmp_path / "contracts")
    path = tmp_path / "contracts" / "returns" / "crc-breaches.odcs.yaml"
    text = path.read_text(encoding="utf-8")
    courts = "\n".join(f"          - value: The court of the town, number {number}" for number in range(80))
    marked = "        description: Name of the court.\n"
    assert text.count(marked) == 1
    path.write_text(text.replace(marked, f"{marked}        enum:\n{courts}\n"), encoding="utf-8")
    return load_rulebook(tmp_path / "contracts")


def test_drop_downs_survive_libreoffice_long_lists_included(
    resaved: Callable[[bytes, str], bytes], with_a_long_list: Rulebook
) -> None:
    contract = with_a_long_list.contracts["crc-breaches"]
    workbook = resaved(make_template(contract, with_a_long_list.contracts, cover_values=_COVER), "xlsx")
    with ZipFile(io.BytesIO(workbook)) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
    lists = [each for each in re.findall(r"<dataValidation [^>]*>", sheet) if 'type="list"' in each]
    assert len(lists) == sum(bool(column.labels) for column in contract.columns)
    assert all(
        result.is_nil and result.findings.is_empty() for result in assess("any.xlsx", workbook, with_a_long_list)
    )
