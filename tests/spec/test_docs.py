"""The documentation is right: examples run, generated pages are up to date, links lead somewhere.

After a wanted change of the wording or of an option, renew the generated pages:

    PROBATION_ETL_RENEW_DOCS=1 pytest tests/spec && git diff docs
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from pages import DOCS, FAULTY, PAGES, ROOT, SAMPLE, blocks, held_to
from walk import expected_of, printed_by

import probation_etl as pe
from probation_etl import errors
from probation_etl.cli import cli, run_cli
from probation_etl.contracts.findings import CATALOGUE

SCHEMAS = DOCS / "reference" / "schemas"
RESULTS = DOCS / "reference" / "results.md"

# The examples of the README


@pytest.fixture
def reader_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory as the README has it: an inbox of three extracts, one of them beside it as well."""
    (tmp_path / "inbox").mkdir()
    for path in (SAMPLE / "annexe_2").glob("N53_*_2020-09-28.csv"):
        shutil.copy(path, tmp_path / "inbox")
    shutil.copy(SAMPLE / "annexe_2" / "N53_breaches_2020-09-28.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_python_examples_of_the_readme_run(reader_desk: Path) -> None:
    examples = [block for block in blocks(ROOT / "README.md") if block.language == "python"]
    assert examples
    names: dict[str, Any] = {}
    for example in examples:
        assert printed_by(example.text, names) == expected_of(example.text)


def test_the_readme_is_a_page_of_one_screen() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 60
    assert [
        command for command in ("make demo", "make test") if not any(line.startswith(command) for line in lines)
    ] == []


def test_the_json_of_the_reference_is_of_the_published_shape(schema: Draft202012Validator) -> None:
    shown = [json.loads(block.text) for block in blocks(RESULTS) if block.language == "json"]
    assert shown
    for document in shown:
        schema.validate(document)


def test_the_reference_names_every_exit_code() -> None:
    named = {int(code) for code in re.findall(r"^\| (\d+) \|", RESULTS.read_text(encoding="utf-8"), re.M)}
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and hasattr(each, "exit_code")]
    assert kinds
    assert {kind.exit_code for kind in kinds} | {0, 1} <= named


def test_the_reference_names_every_command() -> None:
    text = (DOCS / "reference" / "README.md").read_text(encoding="utf-8")
    spoken = [" ".join(names) for names, command in commands(cli) if not isinstance(command, click.Group)]
    assert [name for name in spoken if f"probation-etl {name}" not in text and f"| `{name}" not in text] == []


def test_the_reference_describes_every_public_name() -> None:
    text = (DOCS / "reference" / "library.md").read_text(encoding="utf-8")
    described = re.findall(r"^::: probation_etl\.(?:\w+\.)*(\w+)$", text, re.M)
    assert sorted(described) == sorted(set(pe.__all__) - {"__version__"})


# Generated pages


def commands(command: click.Command, *names: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield names, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from commands(command.commands[name], *names, name)


def command_line_page_of_a_new_process() -> str:
    """The page as a new process makes it: other tests of this one may have changed what the help depends on."""
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_docs as t; print(t.command_line_page(), end='')"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8")
    return made.stdout


def command_line_page() -> str:
    sections = []
    for names, _ in commands(cli):
        shown = CliRunner().invoke(cli, [*names, "--help"], prog_name="probation-etl", terminal_width=100)
        assert shown.exit_code == 0
        text = "\n".join(line.rstrip() for line in shown.output.strip().splitlines())
        sections.append(f"## {' '.join(('probation-etl', *names))}\n\n```text\n{text}\n```\n")
    return f"{COMMAND_LINE_HEAD}\n" + "\n".join(sections)


COMMAND_LINE_HEAD = """# Command line

This page is made from the program's own help.

Options of the program itself, such as `-v` and `-q`, go before the command: `probation-etl -q run inbox`.

Every option can also come from the environment or from a configuration file. A flag overrides the environment, and the
environment overrides the file:

- environment: `PROBATION_ETL_COMMAND_OPTION`, for example `PROBATION_ETL_RUN_STORE`, `PROBATION_ETL_CONTRACT_SHOW_JSON` or
  `PROBATION_ETL_LOG_FORMAT`
- file: `probation_etl.toml` in the current directory, or the one that `--config` names, with a table for each command and
  the options by the names of their flags; an unknown name is refused

```toml
[run]
store = "duckdb:////srv/probation/probation.duckdb"
reports = "/srv/probation/reports"
```

Standard output carries results only, logs and errors go to standard error: see
[results and exit codes](results.md).
"""


def test_the_page_of_the_command_line_is_up_to_date() -> None:
    held_to(DOCS / "reference" / "command-line.md", command_line_page_of_a_new_process())


@pytest.mark.parametrize(
    ("names", "command"), list(commands(cli)), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_and_option_is_documented(names: tuple[str, ...], command: click.Command) -> None:
    page = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    section = page.split(f"## {' '.join(('probation-etl', *names))}\n")[1].split("\n## ")[0]
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert all(name in section for name in option.opts)
            assert option.help or isinstance(option.type, click.Choice), f"{option.opts[0]} says nothing of itself"


# The shape of results


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / "run.schema.json").read_text(encoding="utf-8")))


def test_the_schema_is_one_and_is_strict(schema: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(schema.schema)
    objects = [each for each in _parts(schema.schema) if "properties" in each]
    assert all(each["additionalProperties"] is False for each in objects)
    assert all(set(each["required"]) == set(each["properties"]) for each in objects)
    described = [part for each in objects for part in each["properties"].values()]
    assert all("description" in part or "$ref" in part for part in described)


def _parts(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _parts(inner)


def test_real_runs_hold_to_the_schema(
    schema: Draft202012Validator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for path in (FAULTY, *(SAMPLE / "annexe_2").glob("N53_*"), *(SAMPLE / "annexe_2").glob("C07_*")):
        shutil.copy(path, inbox)
    (inbox / "nothing known.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    arguments = [
        "run",
        str(inbox),
        "--store",
        f"duckdb:///{tmp_path / 's.duckdb'}",
        "--reports",
        str(tmp_path / "r"),
        "--json",
    ]
    first, second = (_printed(arguments, capfd) for _ in range(2))
    for document in (first, second, json.loads((tmp_path / "r" / "latest" / "run.json").read_text(encoding="utf-8"))):
        schema.validate(document)
    assert (first["verdict"], second["verdict"]) == ("rejected", "unchanged")
    assert first["reconciliation"]
    assert first["release_checks"]
    one = Draft202012Validator({"$ref": "#/$defs/return", "$defs": schema.schema["$defs"]})
    for path in (tmp_path / "r" / "latest" / "C08").rglob("findings.json"):
        one.validate(json.loads(path.read_text(encoding="utf-8")))


def test_validation_holds_to_the_schema_and_the_schema_refuses_what_is_not_in_it(
    schema: Draft202012Validator, capfd: pytest.CaptureFixture[str]
) -> None:
    document = _printed(["validate", "--format", "json", str(FAULTY)], capfd)
    schema.validate(document)
    assert {finding["code"] for each in document["returns"] for finding in each["findings"]} <= set(CATALOGUE)
    document["returns"][0]["findings"][0]["more"] = 1
    assert not schema.is_valid(document)


def _printed(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    run_cli(arguments)
    document: dict[str, Any] = json.loads(capfd.readouterr().out)
    return document


# Links and names


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_what_is_there(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in _anchors(target), link


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        waiting += [(page.parent / link).resolve() for link in links if not link.startswith("https://")]
    assert set(DOCS.rglob("*.md")) <= seen


def test_no_package_registry_is_named() -> None:
    """A department installs from its own mirror: no file may point elsewhere."""
    hosts = [
        ".".join(parts)
        for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("anaconda", "org"))
    ]
    hosts += ["index" + "-url =", "extra-index" + "-url"]
    naming = [
        f"{path.relative_to(ROOT)}: {host}" for path in files() for host in hosts if host.encode() in path.read_bytes()
    ]
    assert not naming


def test_git_takes_every_source_file() -> None:
    """What a pattern of .gitignore swallows is missing from every fresh checkout, and from the wheel."""
    taken = set(files())
    folders = ("src", "contracts", "docs", "tests", "scripts", "sample_data")
    found = (path for name in folders for path in (ROOT / name).rglob("*") if path.is_file())
    missing = [path.relative_to(ROOT).as_posix() for path in found if path not in taken and not _made_by_python(path)]
    assert missing == []


def _made_by_python(path: Path) -> bool:
    return "__pycache__" in path.parts


def files() -> list[Path]:
    """Files of the project: what Git would take, or all of them where there is no Git."""
    git = shutil.which("git")
    command = [git or "git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=False) if git and (ROOT / ".git").exists() else None
    if listed is not None and listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        top = ("src", "contracts", "docs", "tests", "scripts", "sample_data")
        found = [path for name in top for path in (ROOT / name).rglob("*")] + list(ROOT.glob("*.*"))
    return [path for path in found if path.is_file()]


def test_the_architecture_names_every_room() -> None:
    """Each module and package of the first level, in the table of rooms."""
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = {name for row in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", text, re.M) for name in re.findall(r"\w+", row)}
    source = ROOT / "src" / "probation_etl"
    present = {path.stem for path in source.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert present - {"__init__", "__main__"} <= named
    assert len(text.splitlines()) <= 150


def test_contributing_names_modules_that_are_there() -> None:
    """In the table of modules that touch rows."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.split("## Modules that touch rows")[1].split("No other module may.")[0]
    named = [name for row in re.findall(r"^\| (`.*?) \|", table, re.M) for name in re.findall(r"`([\w.]+)`", row)]
    assert named
    assert [name for name in named if find_spec(f"probation_etl.{name}") is None] == []
