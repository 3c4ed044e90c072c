"""Damaged files are read or refused: never another exception, an abort, a hang, or memory past the limit.

A short form of ``make fuzz``, with the same damages each time.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parent


@pytest.mark.parametrize("form", ["csv", "xlsx", "xls"])
def test_our_own_parsing_gives_cells_or_a_refusal(form: str, tmp_path: Path) -> None:
    command = [sys.executable, str(FUZZ / "targets.py"), form, "-runs=40", "-seed=1", f"-artifact_prefix={tmp_path}/"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr[-3_000:]
    assert "DONE" in run.stderr


def test_damaged_files_of_every_form_are_read_or_refused() -> None:
    """In the process that reads them: what a library does not bear is a refusal too, and never a fault of ours."""
    program = (
        "from whole_files import outcomes\n"
        "for form in ('xlsx', 'xlsb', 'ods', 'xls', 'parquet', 'arrow', 'csv', 'gz'):\n"
        "    print(form, outcomes(form, 0, 8))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=FUZZ, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr[-3_000:]
    assert run.stdout.count("Counter") == 8
    assert "fault of ours" not in run.stdout
