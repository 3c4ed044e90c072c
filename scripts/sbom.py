"""Lists what is shipped, with hashes, in CycloneDX: the program's own dependencies and theirs, without the tools of its developers.

python scripts/sbom.py build/sbom.cdx.json
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_CHECKOUT = Path(__file__).parents[1]
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?:[^\n]*\\\n)*[^\n]*\n?", re.MULTILINE)


def shipped(lock: str, program: str = "probation-etl") -> str:
    """The part of a lock file that is needed where the program is installed, on any system, without and with its extras."""
    locked = {canonicalize_name(found[1]): found[0] for found in _LOCKED.finditer(lock)}
    needed: set[str] = set()
    waiting = [*_needs(program, {"", *metadata.metadata(program).get_all("Provides-Extra", [])})]
    while waiting:
        name, extras = waiting.pop()
        if name in locked and (name not in needed or extras):
            needed.add(name)
            waiting += [each for each in _needs(name, {"", *extras}) if each[0] not in needed]
    return "".join(text for name, text in sorted(locked.items()) if name in needed)


def _needs(name: str, extras: set[str]) -> list[tuple[str, frozenset[str]]]:
    """What a package asks for with these extras, whatever the system is."""
    try:
        given = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # it is for another system
        return []
    found = [Requirement(each) for each in given]
    asked = (each for each in found if _extra_of(each) in extras)
    return [(canonicalize_name(each.name), frozenset(each.extras)) for each in asked]


def _extra_of(requirement: Requirement) -> str:
    found = re.search(r"extra == ['\"]([^'\"]+)", str(requirement.marker or ""))
    return found[1] if found else ""


def write(target: Path) -> None:
    """Writes the list, the same each time, checked against the schema."""
    lock = (_CHECKOUT / "requirements.lock").read_text(encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    command = (
        Path(sys.executable).with_name("cyclonedx-py"), "requirements", "-", "--pyproject", _CHECKOUT / "pyproject.toml",
        "--output-reproducible", "--validate", "--of", "JSON", "-o", target,
    )  # fmt: skip
    subprocess.run(command, input=shipped(lock).encode(), check=True)  # noqa: S603 -- a fixed command


if __name__ == "__main__":
    write(Path(sys.argv[1]))
