"""What a person at a terminal sees: a table that fits, in colour there alone, and what is read by programs is plain."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from senders import breach, extract, put

from places import SAMPLE_DATA, Outcome, Place
from probation_etl.cli.output import make_writable

Command = Callable[..., Outcome]
FAULTY = SAMPLE_DATA / "faulty" / "C08_return_2020-11-29_licence_and_impossible_dates.xlsx"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
#: The bar comes and goes; what it writes is tested elsewhere.
MOVED = re.compile(r"\x1b\[\?25[lh]|\x1b\[\d*[AK]")


def at_a_terminal(*arguments: object, columns: int, **environment: str) -> str:
    """What the command shows on a terminal of that width. Standard error goes elsewhere."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    words = [sys.executable, "-m", "probation_etl", *map(str, arguments)]
    environ = {
        name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")
    }
    process = subprocess.Popen(
        words, stdout=follower, stderr=subprocess.DEVNULL, env={**environ, "TERM": "xterm", **environment}
    )
    os.close(follower)
    shown = b""
    while piece := _read(leader):
        shown += piece
    os.close(leader)
    process.wait(timeout=300)
    return shown.decode().replace("\r\n", "\n")


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:
        return b""  # the other side was closed


def test_the_table_fits_and_is_in_colour() -> None:
    shown = at_a_terminal("validate", FAULTY, columns=100)
    assert "\x1b[31merror" in shown
    assert "\x1b[33mpartly accepted" in shown
    lines = COLOUR.sub("", shown).splitlines()
    table = lines[next(at for at, line in enumerate(lines) if line.startswith("return ")) :]
    assert max(map(len, table)) <= 100
    assert [line.split() for line in table[1:4]] == [
        ["C08", "crc-breaches", "2020-11-29", "partly", "accepted", "32", "6", "1"],
        ["C08", "crc-caseload", "2020-11-29", "accepted", "10", "0", "0"],
        ["C08", "crc-suspended-breaches", "2020-11-29", "partly", "accepted", "6", "1", "0"],
    ]
    # Numbers stand one under the other.
    ends = {re.match(r".*?  +(?:partly )?accepted +\d+", line).end() for line in table[1:4]}  # type: ignore[union-attr]
    assert len(ends) == 1


def test_who_wants_no_colour_gets_none() -> None:
    shown = at_a_terminal("validate", FAULTY, columns=100, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", shown)
    assert "partly accepted" in shown


def test_read_by_a_program_it_is_plain_lines(process: Command) -> None:
    outcome = process("validate", FAULTY)
    assert "\x1b" not in outcome.out
    assert outcome.err == ""
    assert all(line == line.rstrip() for line in outcome.out.splitlines())
    assert "Most frequent faults" in outcome.out
    assert "3 returns: 2 partly accepted, 1 accepted" in outcome.out


@pytest.mark.usefixtures("quick")
def test_only_the_ten_most_frequent_faults_of_all_returns_are_listed(tmp_path: Path, command: Command) -> None:
    columns = list(breach(1))
    rows = [breach(at, **dict.fromkeys(columns[5:12], "?")) for at in range(1, 4)]
    rows += [breach(at, disposal_code="LIC") for at in range(4, 9)]
    header = [*columns, *(f"extra {at}" for at in range(3))]
    text = extract(*({**row, **dict.fromkeys(header[len(columns) :], "x")} for row in rows), header=header)
    other = extract(*(breach(at, provider_code="N52", disposal_code="LIC") for at in range(1, 3)))
    put(tmp_path, **{"N53_breaches_2020-03-01.csv": text, "N52_breaches_2020-03-01.csv": other})
    out = command("validate", *sorted(tmp_path.glob("*.csv"))).out
    told = out[out.index("Most frequent faults") :].splitlines()
    assert re.fullmatch(r"Most frequent faults( \(the first 10 of \d+\))?", told[0])
    lines = [line.split() for line in told[3 : told.index("", 3)]]
    assert len(lines) <= 10
    counts = [int(line[0]) for line in lines]
    assert counts == sorted(counts, reverse=True)
    assert lines[0][:6] == ["10", "error", "Not", "in", "the", "list"]


@pytest.mark.usefixtures("quick")
def test_a_run_says_where_to_look(place: Place, command: Command) -> None:
    put(place.inbox, **{"N53_breaches_2020-03-01.csv": extract(breach(1), breach(2, disposal_code="LIC"))})
    outcome = command(*place.arguments)
    *_, headline, reports = outcome.out.splitlines()
    assert headline.startswith("1 return: 1 ")
    assert reports.startswith(f"Reports: {place.reports}/")
    assert Path(reports.removeprefix("Reports: ")).is_file()
    assert "Not in the list" in outcome.out


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("ascii", "‘ä’ 😀".encode()), ("utf-8", "‘ä’ 😀".encode()), ("latin-1", b"\\u2018\xe4\\u2019 \\ud83d\\ude00")],
)
def test_every_text_can_be_written_whatever_the_locale_says(encoding: str, written: bytes) -> None:
    stream = TextIOWrapper(BytesIO(), encoding=encoding)
    make_writable(stream)
    stream.write(f"{json.dumps('‘ä’ 😀', ensure_ascii=False)}\n")
    stream.flush()
    found = stream.buffer.getvalue()  # type: ignore[attr-defined]
    assert found == b'"' + written + b'"\n'
    assert json.loads(found.decode("utf-8" if encoding == "ascii" else encoding)) == "‘ä’ 😀"
    make_writable(StringIO())


@pytest.mark.parametrize("closed", [">&-", "2>/dev/full", ">&- 2>&- <&-"])
def test_whatever_the_streams_are_the_exit_code_is_that_of_the_work(place: Place, closed: str) -> None:
    """A stream that was closed has no number, which the store would get, and all that is printed with it."""
    missing = [sys.executable, "-m", "probation_etl", "--log-format", "json", "run", str(place.root / "nowhere")]
    run = ["--store", place.url, "--reports", str(place.root / "reports")]
    shell = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *missing, *run], capture_output=True, check=False
    )
    assert shell.returncode == 3
    said = shell.stderr.decode()
    assert ("cannot be read: No such file" in said) is ("2>" not in closed)
    assert shell.stdout == b""
