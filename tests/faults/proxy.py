"""Stands between the program and a PostgreSQL server, counts the messages of both, and at one of them does something."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

#: Messages of a server that only tell more of an answer: rows, their columns, and what was prepared.
_PARTS = b"DT12n"


@dataclass(frozen=True)
class Link:
    """One connection of the program, and the one to the server that goes with it."""

    program: socket.socket
    server: socket.socket

    def cut(self) -> None:
        for each in (self.program, self.server):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


#: What is done at a message. The message is passed on afterwards if there is still a connection to pass it on.
Strike = Callable[[Link], None]


class Proxy:
    """Listens on the loopback interface and passes messages on.

    Attributes:
        url: How to reach the same database by it.
        database: Its name.
        seen: How many messages came from the ``program`` and from the ``server``, parts of answers left out.
        commits: Which of those from the server said that a COMMIT was done.
    """

    def __init__(self, url: str) -> None:
        self._target = conninfo_to_dict(url)
        self.database = str(self._target["dbname"])
        self._listening = socket.create_server(("127.0.0.1", 0))
        port, user = self._listening.getsockname()[1], quote(str(self._target["user"]))
        self.url = f"postgresql://{user}@127.0.0.1:{port}/{self.database}?sslmode=disable&gssencmode=disable"
        self.seen: Counter[str] = Counter()
        self.commits: list[int] = []
        self._links: list[Link] = []
        self._planned: tuple[str, int, Strike] | None = None
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def plan(self, side: str, number: int, strike: Strike) -> None:
        """Does something at that message of the side, counted from now on."""
        self.seen.clear()
        self.commits.clear()
        self._planned = (side, number, strike)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for each in self._links:
            each.cut()
        for thread in self._threads:
            thread.join(timeout=10)
            assert not thread.is_alive()
        for each in self._links:
            each.program.close()
            each.server.close()

    def _accept(self) -> None:
        while True:
            try:
                program, _ = self._listening.accept()
                # Small messages are passed on at once.
                program.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            link = Link(program, server)
            self._links.append(link)
            try:
                server.connect(f"{self._target['host']}/.s.PGSQL.{self._target.get('port', 5432)}")
            except OSError:
                link.cut()
                continue
            for side in ("program", "server"):
                self._threads.append(threading.Thread(target=self._pass_on, args=(link, side)))
                self._threads[-1].start()

    def _pass_on(self, link: Link, side: str) -> None:
        here, there = (link.program, link.server) if side == "program" else (link.server, link.program)
        with contextlib.suppress(OSError), here.makefile("rb") as stream:
            for message in _messages(stream, has_greeting=side == "program"):
                if side == "program" or message[:1] not in _PARTS:
                    self._count(side, message, link)
                there.sendall(message)
        link.cut()

    def _count(self, side: str, message: bytes, link: Link) -> None:
        self.seen[side] += 1
        if side == "server" and re.match(rb"C....COMMIT\0", message, re.DOTALL):
            self.commits.append(self.seen[side])
        if self._planned and self._planned[:2] == (side, self.seen[side]):
            strike, self._planned = self._planned[2], None
            strike(link)


def _messages(stream: BinaryIO, *, has_greeting: bool) -> Iterator[bytes]:
    """The messages of one side; the first of the program has no letter before its length."""
    letters = 0 if has_greeting else 1
    while True:
        head = stream.read(letters + 4)
        if len(head) < letters + 4:
            return
        (length,) = struct.unpack("!I", head[letters:])
        yield head + stream.read(length - 4)
        letters = 1


def cut(link: Link) -> None:
    """The connection is lost: neither side hears more of the other."""
    link.cut()


def ended_by(url: str) -> Strike:
    """The server ends the connections of everybody else to its database, as an administrator does."""

    def end(_: Link) -> None:
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    return end
