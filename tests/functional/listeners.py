"""Servers on this machine that tests let the program talk to: one of the web, one for mail."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    authorization: str | None
    body: bytes


@dataclass
class Web:
    """What was asked of a server, and what it answers with."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answer: int = 200
    seconds: float = 0.0
    on_first: Callable[[], None] | None = None

    @property
    def asked(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.requests]

    @property
    def posted(self) -> list[bytes]:
        return [each.body for each in self.requests if each.method == "POST"]

    def url(self, path: str, user: str = "") -> str:
        return f"http://{user}{HOST}:{self.port}{path}"


@contextmanager
def web() -> Iterator[Web]:
    """A server of the web that remembers what it was asked."""
    told = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sleep(told.seconds)
            first, told.on_first = told.on_first, None
            if first:
                first()
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.requests.append(Request(self.command, self.path, self.headers.get("Authorization"), body))
            self.send_response(told.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 -- the standard library's name

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        told.port = server.server_address[1]
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield told
        finally:
            server.shutdown()


@dataclass
class Mails:
    """Mails that a server took."""

    port: int
    taken: list[Message] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    def url(self, path: str, user: str = "", scheme: str = "smtp") -> str:
        return f"{scheme}://{user}{HOST}:{self.port}/{path}"


@contextmanager
def mail_server(**options: Any) -> Iterator[Mails]:
    """A mail server. With ``tls_context`` it offers STARTTLS, and takes any password."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        mails = Mails(free.getsockname()[1])

    class Handler:
        async def handle_DATA(self, _server: object, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
            mails.taken.append(message_from_bytes(envelope.content or b""))
            return "250 taken"

    def authenticator(
        _server: object, _session: object, _envelope: object, _how: str, given: LoginPassword
    ) -> AuthResult:
        mails.logins.append((given.login, given.password))
        return AuthResult(success=given.password != b"wrong", handled=False)

    controller = Controller(Handler(), hostname=HOST, port=mails.port, authenticator=authenticator, **options)
    controller.start()
    try:
        yield mails
    finally:
        controller.stop()
