"""What ``validate`` and ``run`` give, in every form: the same findings, and no value of a return breaks or runs in any."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft4Validator
from senders import BREACH, breach, extract, put, workbook
from xmlschema import XMLSchema10

from places import SAMPLE_DATA, Outcome, Place
from workbooks import WorkbookParts

Command = Callable[..., Outcome]

NAME = "N53_breaches_2020-03-01.csv"
FAULTY = SAMPLE_DATA / "faulty" / "C08_return_2020-11-29_licence_and_impossible_dates.xlsx"
SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"
FORMS = {"json": "json", "csv": "csv", "html": "html", "xlsx": "xlsx", "junit": "xml", "sarif": "sarif"}
HOSTILE = (
    "<script>alert(1)</script>", "</td></table>", '"><img src=x onerror=alert(1)>', "\u202eevil\u202c", "x" * 32_767, "=1+1",
    "+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "＝1+1", " =1+1", "<r>x</r>", "_x0041_", "]]>", "\x07bell\x1b[31m", "\ufffe", "😀",
    "{{ 7*7 }}", "${7*7}", "'; drop table x; --",
)  # fmt: skip
#: What a spreadsheet program might run, in the names and cells of a workbook that is sent.
FORMULAS = (
    "=1+1", "+1+1", "-2+3", "@SUM(1,1)", "＝1+1", "＋1+1", "\u200b=1+1", "=cmd|' /C calc'!A0", "=DDE(\"cmd\";\"/C calc\";\"x\")",
    "=HYPERLINK(\"http://203.0.113.1\")", "=WEBSERVICE(\"http://203.0.113.1\")", "='file:///etc/passwd'#$Sheet1.A1",
)  # fmt: skip


def quoted(rows: list[dict[str, str]], header: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *([row.get(name, "") for name in header] for row in rows)])
    return text.getvalue().encode("utf-8", "surrogatepass")


def hostile() -> bytes:
    """A return with hostile values in cells that are faulty, in cells that are not, and in headers."""
    rows = [breach(at, disposal_code=value, court_code=value[:20]) for at, value in enumerate(HOSTILE, 1)]
    header = [*BREACH, *(value for value in HOSTILE if len(value) < 100)]
    return quoted([*rows, *(breach(at) for at in range(100, 140))], header)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    faulty = (breach(2, disposal_code="LIC"), breach(3, crn="x", disposal_code=""))
    path.write_bytes(extract(breach(1), *faulty, *(breach(at) for at in range(4, 40))))
    return path


def in_form(form: str, file: Path, command: Command, *more: object) -> Path:
    """The file that ``validate`` writes; its name says the form."""
    target = file.with_name(f"out.{FORMS[form]}")
    outcome = command("validate", "-o", target, file, *more)
    assert (outcome.out, outcome.err) == ("", ""), outcome
    return target


def found_in(path: Path) -> set[tuple[str, int | None]]:
    """Rule and row of every finding in a file of any format."""
    text = "" if path.suffix == ".xlsx" else path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return {(each["rule"], each["row"]) for entry in json.loads(text)["returns"] for each in entry["findings"]}
    if path.suffix == ".csv":
        return {(each["rule"], int(each["row"]) if each["row"] else None) for each in csv.DictReader(io.StringIO(text))}
    if path.suffix == ".sarif":
        return {
            (each["properties"]["rule"], each["locations"][0]["physicalLocation"].get("region", {}).get("startLine"))
            for each in json.loads(text)["runs"][0]["results"]
        }
    return set()


@pytest.mark.usefixtures("quick")
class TestValidate:
    """One check in every form."""

    def test_every_form_tells_the_same(self, file: Path, command: Command) -> None:
        found = {("order_type|enum", 3), ("case_reference|pattern", 4), ("order_type|required", 4)}
        names = {rule for rule, _ in found}
        assert found_in(in_form("json", file, command)) == found
        assert found_in(in_form("csv", file, command)) == found_in(in_form("sarif", file, command)) == found
        cases = ET.parse(in_form("junit", file, command)).getroot().iter("testcase")  # noqa: S314 -- our own file
        assert {case.get("name") for case in cases} == names
        listed = WorkbookParts(in_form("xlsx", file, command)).sheets["Findings"].texts
        assert {text for place, text in listed.items() if place.startswith("I")} == {"Rule", *names}
        page = in_form("html", file, command).read_text(encoding="utf-8")
        assert page.count('class="group"') == 3

    def test_the_form_may_be_named_for_a_file_of_any_name(self, file: Path, command: Command) -> None:
        target = file.with_name("x")
        assert command("validate", "--format", "sarif", "-o", target, file).code == 1
        assert json.loads(target.read_text(encoding="utf-8"))["version"] == "2.1.0"

    def test_on_standard_output(self, file: Path, command: Command) -> None:
        XMLSchema10(SCHEMAS / "junit-10.xsd").validate(command("validate", "--format", "junit", file).out)
        schema = Draft4Validator(json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")))
        schema.validate(command("validate", "--format", "sarif", file).json)
        assert command("validate", "--format", "html", file).out.startswith("<!DOCTYPE html>")

    def test_a_workbook_is_not_printed_as_text(self, file: Path, command: Command) -> None:
        outcome = command("validate", "--format", "xlsx", file)
        outcome.refused(2, "A workbook cannot be printed: name a file for it.")

    def test_pages_about_several_returns_need_a_directory(self, tmp_path: Path, command: Command) -> None:
        command("validate", "--format", "html", FAULTY).refused(2, "There is a page for each of 3 returns")
        command("validate", "--format", "html", "-o", tmp_path / "x.html", FAULTY).refused(2, "name a directory")
        assert command("validate", "--format", "html", "-o", tmp_path / "pages", FAULTY).code == 1
        assert sorted(path.name for path in (tmp_path / "pages").iterdir()) == [
            "C08-crc-breaches-2020-11-29.html", "C08-crc-caseload-2020-11-29.html",
            "C08-crc-suspended-breaches-2020-11-29.html",
        ]  # fmt: skip

    def test_a_page_written_alone_links_to_no_file(self, file: Path, command: Command) -> None:
        links: list[str] = []

        class Links(HTMLParser):
            def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
                links.extend(str(value) for name, value in attrs if name in ("href", "src"))

        rows = [breach(at, disposal_code="LIC") for at in range(150)]
        file.write_bytes(extract(*rows, *(breach(at) for at in range(150, 900))))
        page = in_form("html", file, command).read_text(encoding="utf-8")
        Links().feed(page)
        assert links
        assert all(link.startswith("#") for link in links)
        assert "the same command with --format csv lists all" in page

    @pytest.mark.parametrize("form", FORMS)
    def test_a_file_that_cannot_be_written(self, form: str, file: Path, command: Command) -> None:
        target = file.parent / "no" / f"x.{FORMS[form]}"
        command("validate", "-o", target, file).refused(3, f"The file {target} cannot be written: No such file")

    def test_a_file_that_cannot_be_read_is_reported_in_every_format(self, file: Path, command: Command) -> None:
        file.write_bytes(b"\x89PNG nothing")
        assert found_in(in_form("json", file, command)) == {("unreadable-file", None)}
        parts = WorkbookParts(in_form("xlsx", file, command))
        assert list(parts.sheets) == ["Findings"]
        assert "The file is a picture, not a workbook or CSV." in parts.sheets["Findings"].texts.values()

    def test_the_workbook_is_the_supplier_s_own_and_can_be_checked_again(
        self, tmp_path: Path, command: Command
    ) -> None:
        target = tmp_path / "checked.xlsx"
        first = command("validate", FAULTY, "--format", "json").json
        assert command("validate", FAULTY, "-o", target).code == 1
        again = command("validate", target, "--format", "json").json
        parts = WorkbookParts(target)
        assert list(parts.sheets) == ["Findings", "Cover", "Caseload", "Breaches", "Suspended breaches"]
        assert parts.formulas == 0

        def findings(document: dict[str, Any]) -> list[tuple[Any, ...]]:
            kept = ("code", "rule", "row", "column", "cell", "value", "message")
            found = [each for entry in document["returns"] for each in entry["findings"]]
            return [tuple(each[key] for key in kept) for each in found if each["code"] != "unexpected-sheet"]

        assert findings(first)
        assert findings(again) == findings(first)
        for entry in first["returns"]:
            cells = {each["cell"] for each in entry["findings"] if each["cell"]}
            assert cells <= set(parts.sheets[entry["sheet"]].comments)
            assert {f"{cell}" for cell in cells} == set(parts.sheets[entry["sheet"]].comments)
        links = {link for sheet in parts.sheets.values() for link in sheet.links.values()}
        assert "Breaches!F6" in links
        assert "'Suspended breaches'!B8" in links


@pytest.mark.usefixtures("quick")
class TestHostileValues:
    """They are shown, and neither break nor run."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / NAME
        path.write_bytes(hostile())
        return path

    def test_json(self, file: Path, command: Command) -> None:
        values = {
            each["value"] for each in json.loads(in_form("json", file, command).read_text(encoding="utf-8"))["returns"][0]["findings"]
        }  # fmt: skip
        # What cannot be seen is a fault of its own, and shown by its number.
        seen = {value for value in HOSTILE if not any(unicodedata.category(char) in ("Cc", "Cf") for char in value)}
        assert len(seen) > 12
        assert seen <= values

    def test_csv_holds_no_cell_that_could_be_run(self, file: Path, command: Command) -> None:
        path = in_form("csv", file, command)
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))
        assert {len(row) for row in rows} == {11}
        cells = [cell for row in rows for cell in row]
        assert not [
            cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@", "＝")) or cell.startswith("\t")
        ]
        assert {"'=1+1", "'@SUM(A1)", "'\t=1", "'＝1+1", "' =1+1"} <= set(cells)

    def test_junit(self, file: Path, command: Command) -> None:
        path = in_form("junit", file, command)
        XMLSchema10(SCHEMAS / "junit-10.xsd").validate(str(path))
        assert "<script" not in path.read_text(encoding="utf-8")

    def test_sarif(self, file: Path, command: Command) -> None:
        document = json.loads(in_form("sarif", file, command).read_text(encoding="utf-8"))
        Draft4Validator(json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))).validate(
            document
        )

    def test_workbook(self, file: Path, command: Command) -> None:
        parts = WorkbookParts(in_form("xlsx", file, command))
        assert parts.formulas == 0
        sheet = parts.sheets[file.stem]
        shown = [value.replace("\ufffe", "\\ufffe") for value in HOSTILE]
        assert [sheet.texts.get(f"F{row}") for row in range(2, len(HOSTILE) + 2)] == shown

    def test_text_steers_no_terminal(self, file: Path, command: Command) -> None:
        outcome = command("validate", file)
        assert all(char.isprintable() or char == "\n" for char in outcome.out)

    @pytest.mark.usefixtures("quick")
    def test_no_cell_is_a_formula_once_a_spreadsheet_program_has_opened_it(
        self, file: Path, tmp_path: Path, place: Place, command: Command
    ) -> None:
        """Every workbook and CSV file that is written, opened as a person opens it: CSV as the program takes it by itself."""
        office = shutil.which("soffice")
        if office is None:
            pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc")
        written = [in_form("xlsx", file, command), in_form("csv", file, command)]
        sheet = (("Case reference", "Event", *FORMULAS), *((value, value, *FORMULAS) for value in FORMULAS))
        cover = {"Prepared by": FORMULAS[0], "Owner code": FORMULAS[1], FORMULAS[2]: FORMULAS[3]}
        put(place.inbox, **{NAME: hostile(), "=1+1.csv": hostile(), "@C08_return_2020-03-01.xlsx": workbook(cover, **{"=1+1": sheet}, Breaches=sheet)})  # fmt: skip
        assert command(*place.arguments, "--annotated").code == 1
        written += [path for path in place.reports.rglob("*") if path.suffix in (".xlsx", ".csv")]
        copies = [path.rename(tmp_path / f"{at}{path.suffix}") for at, path in enumerate(written)]
        assert len(copies) > 6
        profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
        words = [office, profile, "--headless", "--convert-to", "fods", "--outdir", str(tmp_path), *map(str, copies)]
        subprocess.run(words, check=True, capture_output=True, timeout=300)
        opened = {path: path.with_suffix(".fods").read_text(encoding="utf-8") for path in copies}
        for path, document in opened.items():
            for sign in ("table:formula", "dde-source", "table:cell-range-source", "<script:event-listener"):
                assert sign not in document, (path, sign)
            assert all(link.startswith("#") for link in re.findall('xlink:href="([^"]*)"', document)), path
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in opened[copies[0]]
        assert any("=cmd|" in each for each in opened.values())

    @pytest.mark.parametrize("data", [b"a\x00b,c\n1,2\n", b"crn,\xed\xa0\x80\n1,2\n", b"\xff\xfe\x00\xd8\n\x00"], ids=["nul", "surrogate", "utf-16"])  # fmt: skip
    @pytest.mark.parametrize("form", FORMS)
    def test_bytes_that_are_not_text(self, form: str, data: bytes, tmp_path: Path, command: Command) -> None:
        path = tmp_path / NAME
        path.write_bytes(extract(breach(1, disposal_code="LIC")) + data)
        target = in_form(form, path, command)
        assert target.stat().st_size > 100
        if form == "junit":
            XMLSchema10(SCHEMAS / "junit-10.xsd").validate(str(target))


class TestRun:
    """What a run writes beside its pages."""

    @pytest.mark.usefixtures("quick")
    def test_annotated_workbooks_are_written_on_demand_for_returns_with_findings(
        self, place: Place, command: Command
    ) -> None:
        put(place.inbox, **{NAME: extract(breach(1), breach(2, disposal_code="LIC"))})
        put(place.inbox, **{"N52_breaches_2020-03-01.csv": extract(breach(1, provider_code="N52", ldu_code="N52STHL"))})
        put(place.inbox, **{"C08_return_2020-03-01.xlsx": workbook(Breaches=(("Case reference", "Event", "LDU", "x"), ("a", "1", "b", "=1")))})  # fmt: skip
        outcome = command(*place.arguments, "--annotated", "--json")
        latest = place.reports / "latest"
        for entry in outcome.json["returns"]:
            folder = (latest / entry["report"]).parent
            expected = ["findings.csv", "findings.json", *(["annotated.xlsx"] if sum(entry["counts"].values()) else [])]
            assert entry["files"] == expected
            assert sorted(path.name for path in folder.iterdir()) == sorted([*expected, "index.html"])
            assert json.loads((folder / "findings.json").read_text(encoding="utf-8"))["files"] == expected
            if "annotated.xlsx" in expected:
                parts = WorkbookParts(folder / "annotated.xlsx")
                assert list(parts.sheets) == ["Findings", entry["sheet"] or Path(entry["file"]).stem]
                assert 'href="annotated.xlsx"' in (folder / "index.html").read_text(encoding="utf-8")
                assert (folder / "annotated.xlsx").stat().st_mode & 0o777 == 0o600

    @pytest.mark.usefixtures("quick")
    def test_without_being_asked_for_no_workbook_is_written(self, place: Place, command: Command) -> None:
        put(place.inbox, **{NAME: extract(breach(1), breach(2, disposal_code="LIC"))})
        command(*place.arguments)
        assert not list(place.reports.rglob("*.xlsx"))

    @pytest.mark.usefixtures("quick")
    def test_of_a_dry_run_nothing_is_written(self, place: Place, command: Command) -> None:
        put(place.inbox, **{NAME: extract(breach(1), breach(2, disposal_code="LIC"))})
        assert command(*place.arguments, "--annotated", "--dry-run").code == 1
        assert not place.reports.exists()

    def test_junit_and_sarif_of_the_run_hold_to_their_schemas(self, place: Place, command: Command) -> None:
        put(place.inbox, **{NAME: hostile(), "junk.csv": b"a,b\n1,2\n"})
        outcome = command(*place.arguments, "--json")
        latest = place.reports / "latest"
        XMLSchema10(SCHEMAS / "junit-10.xsd").validate(str(latest / "junit.xml"))
        suites = ET.parse(latest / "junit.xml").getroot()  # noqa: S314 -- our own file
        names = [suite.get("name") for suite in suites]
        assert names == [*(each["file"] for each in outcome.json["returns"]), "release checks"]
        schema = Draft4Validator(json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")))
        log = json.loads((latest / "findings.sarif").read_text(encoding="utf-8"))
        schema.validate(log)
        assert log["runs"][0]["automationDetails"]["id"] == f"probation-etl/{outcome.json['run_id']}"
