"""A release check that fails is named, and makes the exit code 1, though every return is good."""

import json
import shutil
from pathlib import Path

import pytest

from probation_etl.cli import run_cli

ROOT = Path(__file__).parents[2]


@pytest.fixture
def contracts_whose_release_check_cannot_hold(tmp_path: Path) -> Path:
    """The shipped contracts, but no unified average may pass 40, which several published figures do."""
    directory = tmp_path / "contracts"
    shutil.copytree(ROOT / "contracts", directory)
    unified = directory / "unified" / "caseload.odcs.yaml"
    text = unified.read_text(encoding="utf-8")
    assert text.count("maximum: 200") == 1
    unified.write_text(text.replace("maximum: 200", "maximum: 40"), encoding="utf-8")
    return directory


def test_a_failing_release_check_is_named_and_ends_with_1(
    tmp_path: Path, contracts_whose_release_check_cannot_hold: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("C12_return_2020-03-01.xlsx", "N52_caseload_2020-03-01.csv"):
        shutil.copy(ROOT / "sample_data" / "annexe_2" / name, inbox)
    arguments = [
        "run",
        str(inbox),
        "--store",
        f"duckdb:///{tmp_path / 'store.duckdb'}",
        "--reports",
        str(tmp_path / "r"),
    ]
    code = run_cli([*arguments, "--contracts", str(contracts_whose_release_check_cannot_hold), "--json"])
    summary = json.loads(capsys.readouterr().out)
    failed = [each for each in summary["release_checks"] if not each["passed"]]
    assert code == summary["exit_code"] == 1
    assert [(each["table"], each["check"]) for each in failed] == [("caseload", "average_caseload|maximum")]
    assert "2 of 4 rows" in failed[0]["detail"]
    assert {each["verdict"] for each in summary["returns"]} == {"accepted"}
