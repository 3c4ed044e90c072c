"""Whatever the library is called with, what it raises is one of its own errors, and says what was expected."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import probation_etl as pe
from places import SAMPLE_DATA
from probation_etl.errors import UnknownNameError, WrongTypeError

CANARY = "canary_9Q"
WRONG: tuple[Any, ...] = (b"x", [CANARY], {1: CANARY}, object(), datetime(2020, 1, 1, 1, 1))
TEXTS = ("nonsense", "\0", "x" * 5000, "é\ud800")
FUNCTIONS = {
    "validate": {"source": b"", "contract": "crc-breaches"},
    "harmonise": {"result": None},
    "open_store": {"url": "duckdb:///STORE"},
    "verify": {"store": "duckdb:///STORE"},
    "trace": {"store": None, "table": "breach", "where": {"case_reference": "x"}},
    "export": {"store": "duckdb:///STORE", "directory": "OUT"},
    "write_tracker": {"store": "duckdb:///STORE", "directory": "OUT"},
    "load_contract": {"name": "crc-breaches"},
    "load_contracts": {},
    "run": {"inbox": "INBOX", "store": "duckdb:///STORE", "reports": "OUT"},
    "withdraw": {"return_id": "x", "store": "duckdb:///STORE", "reports": "OUT", "reason": "y"},
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pe.Store]:
    with pe.open_store(f"duckdb:///{tmp_path_factory.mktemp('store') / 'a.duckdb'}") as opened:
        yield opened


def refusals(call: Callable[..., object], arguments: dict[str, Any], names: list[str]) -> int:
    """Calls it with every wrong thing in the place of each argument; what is taken is taken, what is raised is ours."""
    refused = 0
    for name in names:
        for wrong in WRONG:
            try:
                call(**{**arguments, name: wrong})
            except WrongTypeError as error:
                refused += 1
                assert f"‘{name}’ must be " in str(error)  # noqa: PT017 -- some are taken
                assert f"got {type(wrong).__name__}" in str(error)  # noqa: PT017
                assert CANARY not in str(error)  # noqa: PT017
                assert isinstance(error, TypeError)  # noqa: PT017
            except pe.ProbationEtlError as error:
                assert error.exit_code in (1, 2, 3, 75), (name, wrong, error)  # noqa: PT017
    return refused


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_wrong_type_is_said_with_the_name_of_the_argument(function: str, store: pe.Store, tmp_path: Path) -> None:
    call = getattr(pe, function)
    arguments: dict[str, Any] = {
        name: value.replace("STORE", str(tmp_path / "none" / "a.duckdb")).replace("OUT", str(tmp_path / "out"))
        .replace("INBOX", str(tmp_path)) if isinstance(value, str) else value
        for name, value in FUNCTIONS[function].items()
    }  # fmt: skip
    if function == "trace":
        arguments["store"] = store
    names = [name for name in inspect.signature(call).parameters if name not in ("show", "on_file")]
    assert refusals(call, arguments, names) >= len(names) * (len(WRONG) - 2)


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_text_that_names_nothing_is_an_error_of_ours(text: str | Path, store: pe.Store, tmp_path: Path) -> None:
    none = f"duckdb:///{tmp_path / 'none' / 'a.duckdb'}"
    for call in (
        lambda: pe.validate(text, "crc-breaches"), lambda: pe.load_contract(text), lambda: pe.load_contracts(text),
        lambda: pe.open_store(str(text)), lambda: pe.open_store(none, contracts=text), lambda: pe.trace(store, str(text), {"a": "b"}),
        lambda: pe.run(text, store=none, reports=tmp_path, contracts=text), lambda: store.table(str(text)),
        lambda: store.query(str(text)), lambda: store.totals(str(text)), lambda: store.view_totals(str(text)),
    ):  # fmt: skip
        with pytest.raises(pe.ProbationEtlError) as caught:
            call()
        assert caught.value.exit_code in (1, 2, 3)


def test_names_that_are_not_there_are_errors_of_ours_and_key_errors(store: pe.Store) -> None:
    contracts = pe.load_contracts()
    for call in (
        lambda: contracts["none"],
        lambda: contracts["crc-breaches"].column("none"),
        lambda: store.totals("none"),
    ):
        with pytest.raises(UnknownNameError, match="‘none’") as caught:
            call()
        assert isinstance(caught.value, KeyError)
    assert contracts.get("none") is None


def test_a_store_that_is_closed_is_an_error_of_ours(tmp_path: Path) -> None:
    store = pe.open_store(f"duckdb:///{tmp_path / 'a.duckdb'}")
    store.close()
    for call in (
        lambda: store.returns(), lambda: store.table("breach"), lambda: store.query("SELECT 1"), lambda: pe.verify(store),
        lambda: pe.trace(store, "breach", {"case_reference": "x"}),
    ):  # fmt: skip
        with pytest.raises(pe.ProbationEtlError):
            call()
    store.close()
    assert not (tmp_path / "out").exists()


_FORKED = """
import os, sys
import probation_etl as pe

def work():
    return pe.validate(sys.argv[1], "nps-breaches").rows.read

if (early := os.fork()) == 0:  # before any work: nothing is wrong with that
    os._exit(0 if work() else 1)
assert os.waitpid(early, 0)[1] == 0
work()
if (late := os.fork()) == 0:
    try:
        work()
    except pe.ProbationEtlError as error:
        print(error, flush=True)
        os._exit(error.exit_code)
assert os.waitstatus_to_exitcode(os.waitpid(late, 0)[1]) == 3
"""


def test_a_process_that_was_forked_after_work_says_so_and_does_not_wait_for_ever() -> None:
    file = SAMPLE_DATA / "annexe_2" / "N53_breaches_2020-03-01.csv"
    done = subprocess.run([sys.executable, "-c", _FORKED, str(file)], capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert "forked from one that had validated returns already" in done.stdout.decode()
