"""Walks through a page as a reader does: runs its blocks in their order and compares what they print.

- ``bash`` holds commands, one a line. A ``text`` block right after it shows what they print; ``…`` stands for what is left out.
- ``python`` is run and prints what the comments behind its calls of ``print`` say.
- ``file: NAME`` in a comment above any block writes it to that file, ``exits with N`` is the exit code of the last command.
- ``not run: REASON`` leaves a block to the reader.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pages import Block, blocks

from probation_etl.cli import run_cli

_RUN_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


def walk(page: Path, *, instead: Mapping[str, str] | None = None) -> None:
    """Runs the page in the current directory, with other texts in its commands than it shows where the test has its own."""
    names: dict[str, Any] = {}
    printed = ""
    for block in blocks(page):
        if block.mark.startswith("not run: "):
            continue
        if block.mark.startswith("file: "):
            path = Path(block.mark.removeprefix("file: "))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "bash":
            printed = _commands_of(block, instead or {})
        elif block.language == "python":
            assert printed_by(block.text, names) == expected_of(block.text), f"{page.name}, ‘{block.heading}’"
        elif block.language == "text":
            assert _shows(block.text, printed), f"{page.name} shows\n{block.text}\nbut this is printed:\n{printed}"
        else:
            raise AssertionError(f"{page.name}: a block of ‘{block.language}’ is neither run nor written to a file")


def printed_by(source: str, names: dict[str, Any]) -> str:
    """What the source prints; what it defines is added to the names."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, "example", "exec"), names)  # noqa: S102 -- our own page
    return printed.getvalue()


def expected_of(source: str) -> str:
    """What a source says that it prints: the comments after its calls of print."""
    return "".join(f"{text}\n" for text in re.findall(r"^\s*print\(.*\)  # (.*)$", source, re.M))


def _commands_of(block: Block, instead: Mapping[str, str]) -> str:
    text = block.text
    for shown, used in instead.items():
        text = text.replace(shown, used)
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    expected = [0] * (len(lines) - 1) + [int((re.findall(r"exits with (\d+)", block.mark) or [0])[0])]
    printed = ""
    for line, code in zip(lines, expected, strict=True):
        output, ended = _command(line)
        assert ended == code, f"{line}\nends with {ended}:\n{output}"
        printed += output
    return printed


def _command(line: str) -> tuple[str, int]:
    """Our own command in this process, which is quicker; any other in a shell."""
    words = shlex.split(line, comments=True)
    if words[0] == "cd":
        os.chdir(words[1])
        return "", 0
    if words[0] != "probation-etl" or {">", "|"} & set(words):
        done = subprocess.run(["bash", "-c", line], capture_output=True, encoding="utf-8", check=False)  # noqa: S607 -- the reader's shell
        return done.stdout + done.stderr, done.returncode
    given = [name for word in words[1:] for name in (sorted(map(str, Path().glob(word))) if "*" in word else [word])]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = run_cli(given)
    return printed.getvalue(), code


def _shows(shown: str, printed: str) -> bool:
    """Whether a page shows what is printed, but for names of runs and for what it leaves out."""
    shown, printed = (_RUN_ID.sub("RUN", text) for text in (shown, printed))
    parts = (re.escape(part) for part in shown.rstrip("\n").split("…"))
    return re.fullmatch(r"[\s\S]*?".join(parts) + r"\s*", printed) is not None
