"""What the program is made of is known, and nothing is asked of another host."""

from __future__ import annotations

import sys

from places import CHECKOUT

sys.path.insert(0, str(CHECKOUT / "scripts"))
from audit import report


def test_every_package_is_locked_with_its_hashes() -> None:
    lock = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    packages = [line for line in lock if line and not line.startswith("#")]
    assert len(packages) > 50
    for line in packages:
        assert "==" in line.split("--hash")[0], line
        assert "--hash=sha256:" in line, line


def test_an_audit_says_plainly_that_nothing_was_audited() -> None:
    unknown = {"name": "a", "version": "1", "skip_reason": "not found"}
    good = {"name": "b", "version": "1", "vulns": []}
    bad = {"name": "c", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
    for nothing in ([], [unknown]):
        text, code = report(nothing)
        assert (code, text.startswith("NOT AUDITED: ")) == (2, True)
    assert report([good, unknown]) == ("not audited: a\n1 package(s) audited, 0 with known vulnerabilities.", 0)
    assert report([good, bad]) == ("c 2: PYSEC-1, mended in 3\n2 package(s) audited, 1 with known vulnerabilities.", 1)
