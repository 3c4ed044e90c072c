"""What the program is made of is known, and nothing is asked of another host."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from places import CHECKOUT

sys.path.insert(0, str(CHECKOUT / "scripts"))
from audit import report
from sbom import write


def test_every_package_is_locked_with_its_hashes() -> None:
    lock = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    packages = [line for line in lock if line and not line.startswith("#")]
    assert len(packages) > 50
    for line in packages:
        assert "==" in line.split("--hash")[0], line
        assert "--hash=sha256:" in line, line


def test_the_list_of_what_is_shipped_follows_the_schema_and_leaves_tools_out(tmp_path: Path) -> None:
    path = tmp_path / "sbom.json"
    write(path)
    text = path.read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    listed = {each["name"]: each for each in json.loads(text)["components"]}
    assert {"polars", "duckdb", "click", "great-expectations", "psycopg", "openlineage-python"} <= listed.keys()
    assert not {"pytest", "ruff", "mypy", "hypothesis", "pip-audit", "cyclonedx-bom"} & listed.keys()
    assert all(each["externalReferences"][0]["hashes"] for each in listed.values())


def test_an_audit_says_plainly_that_nothing_was_audited() -> None:
    unknown = {"name": "a", "version": "1", "skip_reason": "not found"}
    good = {"name": "b", "version": "1", "vulns": []}
    bad = {"name": "c", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
    for nothing in ([], [unknown]):
        text, code = report(nothing)
        assert (code, text.startswith("NOT AUDITED: ")) == (2, True)
    assert report([good, unknown]) == ("not audited: a\n1 package(s) audited, 0 with known vulnerabilities.", 0)
    assert report([good, bad]) == ("c 2: PYSEC-1, mended in 3\n2 package(s) audited, 1 with known vulnerabilities.", 1)
