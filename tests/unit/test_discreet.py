"""No ``repr`` of ours holds anything of a return, and each fits on a screen: notebooks, logs and failed tests print them."""

import dataclasses
import gc
import importlib
import inspect
import pkgutil
import re
import traceback
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import probation_etl as pe
from probation_etl.discreet import LONGEST, Discreet, discreet_repr

#: Types of fields that hold nothing of a file's text.
HARMLESS = re.compile(r"^(int|bool|float|date|datetime|Decimal|Severity|Number|Status|Type|Side)( \| None)?$")
#: Modules whose values are made of contracts, of the program's own words, or of nothing but numbers that it makes up.
OF_NO_RETURN = (
    "contracts.odcs", "contracts.pattern_texts", "contracts.finding_kinds", "contracts.damage", "contracts.service_levels",
    "contracts.working_days", "sample", "targets", "proof",
)  # fmt: skip
CANARY = re.compile(r"q731\d{3}|canary", re.IGNORECASE)
HEADERS = ("crn", "nsi_id", "event_number", "provider_code", "disposal_code", "Canary column")
ROWS = [[f"Q731{at:03}", "canary-1", "canary-2", "canary-3", "canary-4", "canary-5"] for at in range(30)]


def classes() -> Iterator[type]:
    for module in pkgutil.walk_packages(pe.__path__, "probation_etl."):
        inner = module.name.removeprefix("probation_etl.")
        if inner == "__main__" or inner.startswith(OF_NO_RETURN):
            continue
        members = vars(importlib.import_module(module.name)).values()
        yield from (each for each in members if inspect.isclass(each) and each.__module__ == module.name)


def test_every_data_class_that_may_hold_a_text_of_a_return_is_discreet() -> None:
    telling = [
        f"{each.__module__}.{each.__qualname__}"
        for each in classes()
        if dataclasses.is_dataclass(each) and each.__repr__ is not discreet_repr
        if not all(HARMLESS.match(str(field.type)) for field in dataclasses.fields(each))
    ]
    assert telling == [], "derive these from probation_etl.discreet.Discreet: their repr would show what they hold"


def test_a_repr_tells_numbers_sizes_and_what_the_class_says() -> None:
    @dataclasses.dataclass(frozen=True)
    class Loans(Discreet, tells=("library",)):
        library: str
        borrower: str
        loans: int
        books: tuple[str, ...] = ()
        late: bool = False

    loans = Loans("Riverside", "Canary", 3, ("Canary",))
    assert repr(loans) == "Loans(library='Riverside', loans=3, books=<1>)"
    assert len(repr(Loans("R" * 9_999, "", 0))) < 200


def sent() -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Canary sheet"
    for row in (HEADERS, *ROWS):
        book.worksheets[0].append(list(row))
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def of_ours(values: Iterator[Any]) -> list[Any]:
    return [each for each in values if str(type(each).__module__).startswith("probation_etl")]


def shows(value: Any) -> str:
    """What is wrong with the ``repr`` or the ``str`` of a value; empty where nothing is."""
    for text in (repr(value), str(value)):
        if CANARY.search(text):
            return f"{type(value).__name__} shows {text[:200]}"
        if len(text) > LONGEST or text.count("\n") > 10:
            return f"{type(value).__name__} is too long: {len(text)}"
    return ""


def of_elements(page: str) -> bool:
    """Whether a part of a page has the elements of our pages alone."""
    return set(re.findall(r"<(\w+)", page)) <= {
        "div",
        "p",
        "strong",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "bdi",
        "span",
        "code",
        "br",
    }


def test_no_value_that_is_alive_shows_anything_of_a_return(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("probation_etl.runs.conclusion"), "release_checks", lambda *_: [])
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    text = "\n".join(",".join(row) for row in (HEADERS, *ROWS)).encode()
    for name in ("N53_breaches_2020-09-28.csv", "N54_breaches_2020-09-28.csv", "canary.csv"):
        (inbox / name).write_bytes(text)
    (inbox / "canary.xlsx").write_bytes(sent())
    seen: dict[str, list[str]] = {}
    # What is alive already is of other tests.
    gc.collect()
    gc.freeze()

    def walk(name: str, before: int, _all: int) -> None:
        if before not in (0, 2):
            return
        values = of_ours(iter(gc.get_objects()))
        seen[name] = [found for each in values if isinstance(each, Discreet) and (found := shows(each))]

    ran = pe.run(
        inbox, store=f"duckdb:///{tmp_path}/s.duckdb", reports=tmp_path / "reports", annotated=True, on_file=walk
    )
    result = pe.validate(sent(), "nps-breaches", supplier_code="N53")
    walk("at the end", 0, 0)
    gc.unfreeze()
    assert {name: found for name, found in seen.items() if found} == {}
    assert len(seen) == 3
    assert "rejected" in repr(ran)
    assert "found=<" in repr(result)
    assert not CANARY.search(repr(ran) + repr(result))
    page = ran._repr_html_()
    assert "Rejected" in page
    assert of_elements(page)


@pytest.mark.parametrize("where", ["with_others", "identify"])
def test_a_traceback_that_shows_local_variables_shows_nothing_of_ours(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames of Polars and texts that stand alone are not ours: what we can keep is that no value of ours prints them."""

    def fail(*_given: Any, **_named: Any) -> None:
        raise RuntimeError("unforeseen")

    home = {"identify": "opened", "with_others": "judged_rows"}.get(where, "judged")
    monkeypatch.setattr(importlib.import_module(f"probation_etl.intake.{home}"), where, fail)
    with pytest.raises(RuntimeError) as caught:
        pe.validate(sent(), "nps-breaches", supplier_code="N53")
    locals_ = (each for frame, _ in traceback.walk_tb(caught.tb) for each in frame.f_locals.values())
    flat = (each for value in locals_ for each in (value if isinstance(value, list | tuple) else (value,)))
    values = of_ours(flat)
    assert {type(each).__name__ for each in values} & {"Grid", "FoundReturn", "Rulebook", "RawTable", "ReturnResult"}
    assert [found for each in values if (found := shows(each))] == []


def test_a_contract_with_thousands_of_values_fits_on_a_screen() -> None:
    contract = pe.load_contract("nps-breaches")
    column = dataclasses.replace(contract.columns[0], labels={f"value {at}": "" for at in range(9_999)})
    large = dataclasses.replace(contract, columns=(column,) * 2_000)
    assert "labels=<9999>" in repr(column)
    assert "columns=<2000>" in repr(large)
    assert max(len(repr(each)) for each in (column, large, pe.load_contracts())) <= LONGEST


def test_a_notebook_shows_verdict_counts_and_the_first_findings_masked() -> None:
    rows = ",".join(HEADERS[:-1]) + "\n" + "".join(f"Q731{at:03}0,9{at},<b>x</b>,N53,CO\n" for at in range(30))
    result = pe.validate(rows.encode(), "nps-breaches", supplier_code="N53")
    page = result._repr_html_() or ""
    assert "Return rejected" in page
    assert "30&nbsp;rows read" in page or "30 rows read" in page
    assert "The first 10 of" in page
    assert page.count("<tr>") == 11
    assert not CANARY.search(page)
    assert "<b>" not in page
    assert of_elements(page)
