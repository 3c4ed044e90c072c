"""The text of a drafted contract, as it was; to renew it, see ``test_reports``."""

from __future__ import annotations

import os
from pathlib import Path

import probation_etl as pe
from loan_samples import write_loans

GOLDEN = Path(__file__).with_name("contract_draft.yaml")


def test_the_draft_is_as_it_was(tmp_path: Path) -> None:
    text = pe.draft_contract(write_loans(tmp_path)).contracts["loans"]
    if os.environ.get("PROBATION_ETL_RENEW_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
