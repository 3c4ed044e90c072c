"""Asks the database of known vulnerabilities about every package of the lock file: ``make audit``.

It ends with 1 where one is known, and with 2 where the database cannot be reached or does not know the packages: then
nothing was audited, and it says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def audited(lock: Path) -> list[dict[str, object]]:
    """What is known of each package; nothing where the database cannot be reached."""
    asked = (
        sys.executable,
        "-m",
        "pip_audit",
        "--require-hashes",
        "--disable-pip",
        "--progress-spinner",
        "off",
        "-f",
        "json",
    )
    done = subprocess.run([*asked, "-r", lock], capture_output=True, text=True, check=False)  # noqa: S603 -- our own command
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []
    return list(found)


def report(found: list[dict[str, object]]) -> tuple[str, int]:
    """What to print, and how to end."""
    skipped = [each for each in found if "skip_reason" in each]
    known = [each for each in found if each.get("vulns")]
    if not found or len(skipped) == len(found):
        return (
            "NOT AUDITED: the database of vulnerabilities cannot be reached from here, or does not know the packages.",
            2,
        )
    lines = [
        f"{each['name']} {each['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version'}"
        for each in known
        for flaw in each["vulns"]  # type: ignore[attr-defined] # as pip-audit writes it
    ]
    lines += [f"not audited: {each['name']}" for each in skipped]
    lines.append(f"{len(found) - len(skipped)} package(s) audited, {len(known)} with known vulnerabilities.")
    return "\n".join(lines), 1 if known else 0


if __name__ == "__main__":
    text, code = report(audited(ROOT / "requirements.lock"))
    print(text)
    sys.exit(code)
