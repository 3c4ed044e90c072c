"""A server that goes away: what the run says of it is true, and the next run finishes the job."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

import psycopg
import pytest
from proxy import Link, Proxy, Strike, cut, ended_by
from scene import Scene, aftermath, is_true
from trials import PLACES, Trial

from databases import new_database
from places import Rows

Begin = Callable[[str, str], Trial]
_TRUE = (
    "A server that goes away ends a run with 3; what it says of the store is true, and the next run finishes the job"
)


class Served:
    """A PostgreSQL server of these trials alone, which can be killed, and scenes on it."""

    def __init__(self, server: Any, root: Path) -> None:
        self._server, self._root, self._made, self._is_dead = server, root, 0, False
        with self.scene() as (scene, proxy):
            proxy.plan("program", 0, cut)
            done = self.run(scene, proxy)
            assert done.code == 1, done
            self.seen, self.commits = dict(proxy.seen), list(proxy.commits)
            self.wanted: list[Rows] = scene.content()

    @contextmanager
    def scene(self) -> Iterator[tuple[Scene, Proxy]]:
        """A scene with returns in its inbox, and a proxy before its store."""
        self._made += 1
        scene = Scene(self._root / f"scene{self._made}", address=new_database(self._server.get_uri()))
        scene.fill()
        with closing(Proxy(scene.url)) as proxy:
            yield scene, proxy
        if PLACES:
            shutil.rmtree(scene.root)
            with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {proxy.database}".encode())

    def run(self, scene: Scene, proxy: Proxy) -> Any:
        return scene.here(*replace(scene, address=proxy.url).arguments)

    def struck(self, trial: Trial, side: str, number: int, strike: Callable[[Scene], Strike]) -> None:
        """A run at one of whose messages something happens, and what comes after it."""
        with trial.at(f"{side} {number}"), self.scene() as (scene, proxy):
            proxy.plan(side, number, strike(scene))
            failed = self.run(scene, proxy)
            self.revive()
            runs = scene.runs()
            true = is_true(failed, loaded=runs == 1)
            aftermath(trial, f"{side} {number}", scene, failed, self.wanted, it_ended_with_3_or_was_whole=true)

    def kill(self, _: Link) -> None:
        """Kills the server; what it has started ends by itself, and is waited for."""
        process = self._server.get_postmaster_info().process
        together = [process, *process.children(recursive=True)]
        process.kill()
        until = time.monotonic() + 60
        while any(map(_lives, together)):
            assert time.monotonic() < until
            time.sleep(0.05)
        # Where nobody asks how the server ended, its number seems to be in use.
        for name in ("postmaster.pid", *(each.name for each in self._server.pgdata.glob(".s.PGSQL.*"))):
            (self._server.pgdata / name).unlink()
        self._is_dead = True

    def revive(self) -> None:
        """Starts the server again if it was killed. It may take long until it has put its files in order."""
        until = time.monotonic() + 120
        while self._is_dead:
            try:
                self._server.ensure_postgres_running()
                with psycopg.connect(self._server.get_uri()):
                    self._is_dead = False
            except (SubprocessError, psycopg.OperationalError, AssertionError):  # the last: it is still starting
                assert time.monotonic() < until
                time.sleep(0.1)


def _lives(process: Any) -> bool:
    return bool(process.is_running() and process.status() != "zombie")


@pytest.fixture(scope="module")
def served(servers: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(servers(), tmp_path_factory.mktemp("served"))


def test_the_reply_to_commit_is_lost(trial: Begin, served: Served) -> None:
    begun = trial(_TRUE, "PostgreSQL: a proxy that drops the reply to each COMMIT")
    for at in served.commits:
        served.struck(begun, "server", at, lambda _: cut)


@pytest.mark.parametrize("side", ["program", "server"])
def test_the_connection_is_cut(side: str, trial: Begin, served: Served) -> None:
    begun = trial(_TRUE, f"PostgreSQL: a proxy that cuts at a message of the {side}")
    for at in begun.sampled(range(1, served.seen[side] + 1), most=1):
        served.struck(begun, side, at, lambda _: cut)


def test_an_administrator_ends_the_connection(trial: Begin, served: Served) -> None:
    begun = trial(_TRUE, "PostgreSQL: `pg_terminate_backend` before a message of the program")
    for at in begun.sampled(range(2, served.seen["program"] + 1), most=1):
        served.struck(begun, "program", at, lambda scene: ended_by(scene.url))


def test_the_server_is_killed(trial: Begin, served: Served) -> None:
    begun = trial(_TRUE, "PostgreSQL: SIGKILL of the server at one of its messages, and a restart")
    for at in begun.sampled(range(1, served.seen["server"] + 1), most=1):
        served.struck(begun, "server", at, lambda _: served.kill)
