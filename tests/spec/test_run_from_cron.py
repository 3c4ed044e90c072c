"""What ‘Run from cron’ shows is followed word by word: crontab, systemd units, logrotate, container.

Neither cron nor systemd nor a container can be started here. Their command lines are run as they stand, as a user without rights,
in a folder seen as /srv/probation, on a file system that is read-only where the page says so.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jail import USER, Jail, Volume, needs
from pages import DOCS, blocks

if TYPE_CHECKING:
    from conftest import Library

PAGE = DOCS / "how-to" / "run-from-cron.md"
SITE = "/srv/probation"


def shown(name: str) -> str:
    """The file of that name on the page."""
    (text,) = [block.text for block in blocks(PAGE) if block.mark == f"file: {name}"]
    return text


@dataclass(frozen=True)
class Site:
    """The folder of the program's user, with contracts of an invented domain, which take less time."""

    folder: Path
    library: Library

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    def send(self, day: str, *, good: bool = True) -> None:
        row = self.library.row() if good else self.library.row(Borrowed="no day")
        (self.inbox / f"B1_loans_2024-03-{day}.csv").write_bytes(self.library.csv(row))

    def jail(self, *volumes: Volume, read_only: bool = False, network: bool = True, **variables: str) -> Jail:
        contracts = {"PROBATION_ETL_RUN_CONTRACTS": f"{SITE}/contracts", "PROBATION_ETL_RUN_SETTLE": "0"}
        return Jail(
            volumes or (Volume(self.folder, SITE),), read_only=read_only, network=network,
            environment={"HOME": SITE, "LANG": "C.UTF-8", **contracts, **variables},
        )  # fmt: skip


@pytest.fixture
def site(tmp_path: Path, library: Library) -> Site:
    folder = tmp_path / "site"
    for each in ("inbox", "venv/bin"):
        (folder / each).mkdir(parents=True)
    program = folder / "venv" / "bin" / "probation-etl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m probation_etl "$@"\n')
    program.chmod(0o755)
    library.directory(library.contract(), tables=None).rename(folder / "contracts")
    (folder / "probation_etl.toml").write_text(shown("probation_etl.toml"))
    return Site(folder, library)


def private(folder: Path) -> bool:
    """Whether what a run writes is for its user alone."""
    written = [*folder.glob("probation.duckdb*"), *folder.glob("r*.*"), *(folder / "reports").rglob("*")]
    return bool(written) and all(each.stat().st_mode & 0o077 == 0 for each in written if not each.is_symlink())


def test_cron_runs_its_line_and_logrotate_its_file(site: Site) -> None:
    needs("unshare", "setpriv", "logrotate")
    settings, line = re.fullmatch(r"((?:\w+=.*\n)+)(.*)\n", shown("probation.cron")).groups()  # type: ignore[union-attr]
    variables = dict(each.split("=", 1) for each in settings.splitlines())
    *when, user, command = line.split(maxsplit=6)
    assert [bool(re.fullmatch(r"[\d*/,-]+", each)) for each in when] == [True] * 5
    assert user == "probation"
    assert "%" not in command  # cron would end the line there
    jail = site.jail(**variables)
    assert jail.run("id -u").stdout == f"{USER}\n"
    done = jail.run(command, cwd="/")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    site.send("20")
    site.send("21", good=False)
    done = jail.run(command)
    assert (done.stdout.split(":")[0], done.stderr) == ("probation-etl ended with 1", "")
    assert "B1_loans_2024-03-21.csv" in (site.folder / "report.txt").read_text()
    (told,) = [json.loads(line) for line in (site.folder / "run.log").read_text().splitlines()][-1:]
    assert (told["stage"], told["outcome"], told["exit_code"]) == ("run", "rejected", 1)
    assert private(site.folder)
    (site.folder / "conf").write_text(shown("probation.logrotate"))
    rotated = jail.run_as_root(f"logrotate --force --state {SITE}/state {SITE}/conf")
    assert (rotated.returncode, rotated.stderr) == (0, "")
    assert sorted(each.name for each in site.folder.glob("run.log*")) == ["run.log.1"]
    assert jail.run(command).stdout == ""
    assert (site.folder / "run.log").read_text() == ""


@pytest.fixture
def units(site: Site) -> Callable[[str], str]:
    for name in ("probation.service", "probation.timer"):
        (site.folder / name).write_text(shown(name))

    def told(command: str) -> str:
        done = site.jail().run_as_root(f"cd {SITE} && {command}")
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout

    return told


def test_systemd_takes_the_units_and_finds_the_service_safe(units: Callable[[str], str]) -> None:
    needs("unshare", "systemd-analyze")
    units("SYSTEMD_LOG_LEVEL=warning systemd-analyze verify ./probation.service ./probation.timer")
    rated = units("systemd-analyze security --no-pager --offline=true --threshold=10 ./probation.service")
    assert "Overall exposure level for probation.service: 0.5 SAFE" in rated


def test_the_service_needs_no_more_than_it_is_given(site: Site) -> None:
    needs("unshare", "setpriv")
    unit = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(shown("probation.service"))
    service = unit["Service"]
    asked = {key: service[key] for key in ("ProtectSystem", "PrivateTmp", "PrivateNetwork", "ReadWritePaths")}
    assert asked == {"ProtectSystem": "strict", "PrivateTmp": "yes", "PrivateNetwork": "yes", "ReadWritePaths": SITE}
    volumes = Volume(site.folder, SITE), Volume(site.folder / "venv", service["ReadOnlyPaths"], read_only=True)
    jail = site.jail(*volumes, read_only=True, network=False)
    site.send("20")
    done = jail.run(f"umask {service['UMask']} && {service['ExecStart']}", cwd=service["WorkingDirectory"])
    assert done.returncode == 0, done.stderr
    assert private(site.folder)
    assert json.loads((site.folder / "reports" / "latest" / "run.json").read_text())["verdict"] == "accepted"
    for path in ("/etc", "/srv", SITE + "/venv"):
        assert "Read-only file system" in jail.run(f"touch {path}/x").stderr


def test_the_container_runs_without_rights_on_a_file_system_that_it_cannot_write_to(site: Site) -> None:
    needs("unshare", "setpriv")
    lines = dict(each.split(" ", 1) for each in shown("Containerfile").replace("\\\n", "").splitlines())
    (run,) = [
        line for block in blocks(PAGE) for line in block.text.replace("\\\n", "").splitlines() if line.startswith("podman run")
    ]  # fmt: skip
    words = shlex.split(run)
    assert {"--read-only", "--rm"} <= set(words)
    after = {word: words[at + 1] for at, word in enumerate(words[:-1]) if word.startswith("--")}
    assert (after["--network"], after["--cap-drop"], after["--security-opt"]) == ("none", "all", "no-new-privileges")
    assert after["--tmpfs"] == "/tmp"  # noqa: S108 -- it gets one of its own
    assert lines["USER"] != "root"
    given = [words[at + 1].split(":") for at, word in enumerate(words) if word == "--volume"]
    local = {"./inbox": site.inbox, "./probation": site.folder}
    # The folder first: the inbox may lie in it.
    volumes = [Volume(local[here], there, read_only=mode == "ro") for here, there, mode in sorted(given, reverse=True)]
    jail = site.jail(*volumes, read_only=True, network=False, PATH=f"{SITE}/venv/bin:/usr/bin:/bin")
    command = shlex.join([*json.loads(lines["ENTRYPOINT"]), *json.loads(lines["CMD"])])
    done = jail.run(command, cwd=lines["WORKDIR"])
    assert done.returncode == 0, done.stderr
    assert (site.folder / "probation.duckdb").stat().st_mode & 0o777 == 0o600
    assert "Read-only file system" in jail.run("touch /srv/inbox/x").stderr
