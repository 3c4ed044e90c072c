"""The pages on the contract language say what is so: every contract lints, and every return comes out as they show.

Comments above the blocks say what they are:

- ``file: NAME`` is a whole file, ``another file: NAME`` one that only the examples about it have
- ``part of: ID`` is added to that contract, ``new version of: ID`` makes a second file of it
- ``sent`` or ``sent: NAME`` is a return, columns that do not matter left out; ``sent whole: NAME`` has all of them, and
  ``sent whole: NAME.xlsx, sheet SHEET`` is a sheet of a workbook
- ``found`` is what ``validate`` says of the last one, ``found, with hints`` all of it
- ``status on DAY, received on DAY`` is what ``status`` says once the return of the complete contract has been run
- ``faulty part of: ID`` has faults, ``lint`` shows them

After a wanted change of a wording, renew what the pages show: ``PROBATION_ETL_RENEW_DOCS=1 pytest tests/spec``.
"""

import contextlib
import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import xlsxwriter
import yaml
from editor import faults_in_editor
from pages import DOCS, Block, block_held_to, blocks

from probation_etl.cli import run_cli
from probation_etl.cli.results import findings_text
from probation_etl.contracts.organisations import fold
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.file_names import file_name_matches
from probation_etl.intake.readers import Content
from probation_etl.reports.return_report import ReturnReport
from probation_etl.runs.check import check_files
from probation_etl.runs.lint import Linted, lint
from probation_etl.runs.run import run
from probation_etl.stores import RunRecord
from probation_etl.version import VERSION

HOME = DOCS / "reference" / "contract-language"
BLOCKS = [block for page in sorted(HOME.glob("*.md")) for block in blocks(page)]
LOANS = "library-loans"
FILE = "LEEDS_loans_2020-03-31.csv"


class Example(NamedTuple):
    """Parts of contracts that stand together, the returns that are sent, and what is found."""

    page: Path
    heading: str
    parts: list[Block]
    sent: list[list[Block]]
    found: list[Block]


def examples() -> Iterator[Example]:
    """Parts and returns under one heading belong together, until parts follow what was found."""
    current = Example(HOME, "", [], [], [])
    for block in BLOCKS:
        kind = block.mark.partition(":")[0]
        starts = kind in ("part of", "new version of", "another file") and current.found
        if (block.page, block.heading) != (current.page, current.heading) or starts:
            if current.parts or current.found:
                yield current
            current = Example(block.page, block.heading, [], [], [])
        if kind in ("part of", "new version of", "another file"):
            current.parts.append(block)
        elif kind in ("sent", "sent whole"):
            if len(current.sent) == len(current.found):
                current.sent.append([])
            current.sent[-1].append(block)
        elif kind.startswith("found"):
            if len(current.sent) == len(current.found):
                current.sent.append([])
            current.found.append(block)
    if current.parts or current.found:
        yield current


EXAMPLES = list(examples())


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """The whole files of the pages."""
    for block in BLOCKS:
        if block.mark.startswith("file: "):
            path = tmp_path / "contracts" / block.mark.removeprefix("file: ")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    shutil.move(str(tmp_path / "contracts" / FILE), tmp_path / "inbox")
    return tmp_path


class _Loader(yaml.SafeLoader):
    """Words such as on stay text, as in the contracts that are read."""


_Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if first in "tTfF" or each[0] != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def loaded(text: str) -> Any:
    """What a YAML text says."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 -- it is a safe loader


def merged(whole: Any, part: Any) -> Any:
    """A contract with a part added: entries of lists are the same where their names are."""
    if isinstance(whole, dict) and isinstance(part, dict):
        return {**whole, **{key: merged(whole[key], value) if key in whole else value for key, value in part.items()}}
    if isinstance(whole, list) and isinstance(part, list):
        rest = list(whole)
        for new in part:
            at = next((at for at, old in enumerate(rest) if _name(old) is not None and _name(old) == _name(new)), None)
            if at is None:
                rest.append(new)
            else:
                rest[at] = merged(rest[at], new) if "property" not in new else new
        return rest
    return part


def _name(entry: Any) -> Any:
    keys = ("property", "name", "id")
    return next((entry[key] for key in keys if key in entry), None) if isinstance(entry, dict) else None


def add(directory: Path, part: Block) -> None:
    """Adds a part to the contracts."""
    kind, _, name = part.mark.partition(": ")
    if kind == "another file":
        (directory / name).write_text(part.text, encoding="utf-8")
        return
    path = directory / f"{name}.odcs.yaml"
    if not path.exists():
        whole = next(block.text for block in BLOCKS if block.mark == f"another file: {path.name}")
    elif kind == "new version of":
        whole = next(block.text for block in BLOCKS if block.mark == f"file: {path.name}")
    else:
        whole = path.read_text(encoding="utf-8")
    text = yaml.safe_dump(merged(loaded(whole), loaded(part.text)), sort_keys=False, allow_unicode=True)
    (directory / f"{name}-2.odcs.yaml" if kind == "new version of" else path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{number} {each.heading}" for number, each in enumerate(EXAMPLES)])
def test_each_example_lints_and_its_returns_come_out_as_shown(library: Path, example: Example) -> None:
    directory = library / "contracts"
    for part in example.parts:
        add(directory, part)
    written = list(directory.rglob("*.odcs.yaml"))
    assert lint([directory]) == Linted(len(written))
    assert [fault for path in written for fault in faults_in_editor(loaded(path.read_text("utf-8")))] == []
    rulebook = load_rulebook(directory)
    assert len(example.sent) == len(example.found)
    for sent, found in zip(example.sent, example.found, strict=True):
        block_held_to(found, said_of(rulebook, sent, with_hints="with hints" in found.mark))


def said_of(rulebook: Rulebook, sent: list[Block], *, with_hints: bool) -> str:
    """What ``validate`` says of the last return."""
    returns = sent or [block for block in BLOCKS if block.mark == f"file: {FILE}"]
    given = [(name, Content.of(data)) for name, data in files_of(returns, rulebook).items()]
    last = given[-1][0]
    results = [ReturnReport.of(each) for each in check_files(given, rulebook) if each.file == last]
    lines = findings_text(results).splitlines()
    return "".join(f"{line}\n" for line in lines if with_hints or not line.startswith("    "))


def files_of(sent: list[Block], rulebook: Rulebook) -> dict[str, bytes]:
    """The files that are sent, by their names: each block is one, or a sheet of a workbook."""
    found: dict[str, bytes] = {}
    sheets: dict[str, dict[str, list[list[str]]]] = {}
    for block in sent:
        kind, _, named = block.mark.partition(": ")
        name, _, sheet = named.partition(", sheet ")
        if sheet:
            sheets.setdefault(name, {})[sheet] = list(csv.reader(io.StringIO(block.text)))
            found[name] = workbook(sheets[name])
        else:
            found[name or FILE] = (
                block.text if kind == "sent whole" else completed(name or FILE, block.text, rulebook)
            ).encode()
    return found


def workbook(sheets: dict[str, list[list[str]]]) -> bytes:
    """A workbook of texts."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for at, text in enumerate(cells):
                    if text:
                        sheet.write_string(row, at, text)
    return target.getvalue()


def completed(name: str, text: str, rulebook: Rulebook) -> str:
    """The return with the columns that the page leaves out, as a good return has them."""
    contract = next((each for each in rulebook.returns() if file_name_matches(name, each)), None)
    if contract is None:
        return text  # it comes beside a return
    header, *rows = csv.reader(io.StringIO(text))
    shown = {fold(each) for each in header}
    lacking = [each.header for each in contract.columns if fold(each.header) not in shown]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([*header, *lacking])
    for number, row in enumerate(rows, start=1):
        writer.writerow([*row, *(DEFAULTS.get(each, "").format(number) for each in lacking)])
    return written.getvalue()


#: What a good return has in the columns that the page does not show.
DEFAULTS = {"Loan number": "L{}", "Branch": "Armley", "Kind": "B", "Lent on": "02/03/2020"}


def test_the_page_shows_rows_that_pass_and_every_kind_of_rule_that_fails() -> None:
    found = [block.text for block in BLOCKS if block.mark.startswith("found")]
    codes = (
        "missing-value", "not-a-date", "not-a-number", "not-an-integer", "not-a-boolean", "too-precise",
        "wrong-pattern", "wrong-length", "out-of-range", "not-in-list", "unmapped-value", "duplicate-row",
        "unknown-reference", "table-rule", "cross-return-rule", "row-rule", "acceptance-limit",
    )  # fmt: skip
    assert [code for code in codes if not any(f"[{code}]" in said for said in found)] == []
    assert all(": rejected" in said or re.search(r"rows .* accepted [1-9]", said) for said in found)


def test_the_contract_of_the_page_alone_runs(library: Path) -> None:
    for path in (library / "contracts").iterdir():
        if path.name != f"{LOANS}.odcs.yaml":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert lint([library / "contracts"]) == Linted(1)
    result = run(library / "inbox", **places(library))
    (loans,) = result.returns
    assert (loans["rows"]["accepted"], loans["rows"]["quarantined"]) == (2, 1)
    assert [finding["rule"] for finding in loans["findings"]] == ["row|returned_after_lent"]


def places(directory: Path) -> dict[str, Any]:
    store = f"duckdb:///{directory / 'store.duckdb'}"
    return {"store": store, "reports": directory / "reports", "contracts": directory / "contracts"}


def test_the_mapping_of_the_page_fills_the_unified_table_and_the_view(library: Path) -> None:
    for example in EXAMPLES:
        for part in example.parts:
            if example.heading == "Mapping to a unified table" or "workingDaysBetween" in part.text:
                add(library / "contracts", part)
    result = run(library / "inbox", **places(library))
    totals = [each for each in result.summary["reconciliation"] if each["provider"] is None]
    keys = ("scope", "table", "measure", "from_returns", "in_store")
    assert [tuple(each[key] for key in keys) for each in totals] == [
        (scope, "loan", *counted) for scope in ("run", "store") for counted in (
            ("rows", 2, 2), ("fine", 0.5, 0.5), ("books", 2, 2),
        )
    ] + [("store", "loans_by_month", "rows", 2, 2)]  # fmt: skip
    assert {check["passed"] for check in result.summary["release_checks"]} == {True}
    assert result.summary["unallocated"] == [
        {"table": "loan", "column": "district_basis", "value": "unallocated", "rows": 0}
    ]


def test_the_page_shows_what_status_says(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shown,) = (block for block in BLOCKS if block.mark.startswith("status on"))
    on, received = re.findall(r"\d{4}-\d{2}-\d{2}", shown.mark)
    for part in next(each.parts for each in EXAMPLES if each.heading == shown.heading):
        add(library / "contracts", part)
    record = RunRecord(f"run of {received}", datetime.fromisoformat(received), "", VERSION)
    monkeypatch.setattr(
        import_module("probation_etl.runs.on_store"), "new_record",
        lambda rulebook, *_: replace(record, contracts_digest=rulebook.contracts.digest),
    )  # fmt: skip
    where = places(library)
    run(library / "inbox", **where)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = run_cli(["status", "--on", on, "--store", where["store"], "--contracts", str(where["contracts"])])
    assert code == 0
    block_held_to(shown, printed.getvalue())


def test_the_page_shows_what_lint_says_of_faults(library: Path) -> None:
    faulty = next(block for block in BLOCKS if block.mark.startswith("faulty part of"))
    shown = next(block for block in BLOCKS if block.mark == "lint")
    add(library / "contracts", Block("part of: " + faulty.mark.partition(": ")[2], "yaml", faulty.text))
    faults = lint([library / "contracts"]).faults
    block_held_to(shown, "".join(f"{fault.replace(str(library / 'contracts'), 'my_contracts')}\n" for fault in faults))


LANGUAGE: dict[str, dict[str, Any]] = json.loads(
    files("probation_etl.contracts.odcs").joinpath("language.schema.json").read_text(encoding="utf-8")
)
PARTS = [block for block in BLOCKS if block.language == "yaml" and not block.mark.startswith("faulty")]


@pytest.mark.parametrize("kind", sorted(LANGUAGE))
def test_every_key_of_the_language_has_an_example(kind: str) -> None:
    written = r"(\w+):\s" if kind == "implementation" else r"property: (\w+)"
    used = {name for block in PARTS for name in re.findall(written, block.text)}
    assert set(LANGUAGE[kind]) - used == set()


def test_every_key_inside_a_property_has_an_example() -> None:
    text = "".join(block.text for block in PARTS)
    assert [name for name in _keys(LANGUAGE) if not re.search(rf"\b{name}: ?", text)] == []


def _keys(schema: Any) -> Iterator[str]:
    """Keys of the values that are mappings, wherever they stand."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for inner in schema.values():
            yield from _keys(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _keys(inner)


def test_every_property_of_an_example_is_one_of_the_language() -> None:
    used = {name for block in PARTS for name in re.findall(r"property: (\w+)", block.text)}
    assert used - {"delimiter", "frequency", "latency"} <= {name for kind in LANGUAGE.values() for name in kind}
