"""Addresses of those who are told, taken apart once. What is secret in one is never shown: password, path and query."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from probation_etl.discreet import Discreet
from probation_etl.errors import UsageError

_WEB = ("http", "https")
_MAIL = ("smtp", "smtps")
_PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class WebAddress(Discreet):
    """An address of the web.

    Attributes:
        url: The address, without user and password.
        shown: What may be shown of it: services put their secrets into the path.
        authorization: The header that stands for user and password; None without them.
    """

    url: str
    shown: str
    authorization: str | None = None

    @classmethod
    def of(cls, text: str, option: str) -> WebAddress:
        """The address.

        Raises:
            UsageError: It is none; the message does not repeat it.
        """
        parts = _split(text, _WEB, option, "https://HOST/PATH")
        plain = urlunsplit(parts._replace(netloc=_host(parts), fragment=""))
        user = None if parts.username is None else f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        header = f"Basic {b64encode(user.encode()).decode('ascii')}" if user is not None else None
        return cls(plain, f"{parts.scheme}://{_host(parts)}/…", header)

    def below(self, name: str) -> WebAddress:
        """The address with one more part of its path, before what may be asked of it."""
        parts = urlsplit(self.url)
        path = f"{parts.path.rstrip('/')}/{name}"
        return WebAddress(urlunsplit(parts._replace(path=path)), self.shown, self.authorization)


@dataclass(frozen=True)
class MailAddress(Discreet):
    """A mail server, and to whom a mail goes.

    Attributes:
        encrypted: Whether the connection is encrypted from its first byte on (SMTPS).
        user: Name of the account; None where the server asks for none.
    """

    host: str
    port: int
    encrypted: bool
    user: str | None
    sender: str
    recipients: tuple[str, ...]

    @property
    def shown(self) -> str:
        """What may be shown of it."""
        return f"{'smtps' if self.encrypted else 'smtp'}://{self.host}:{self.port}/…"

    @classmethod
    def of(cls, text: str, option: str) -> MailAddress:
        """The server and the recipients from ``smtp://USER@HOST:PORT/TO,TO?from=SENDER``.

        Raises:
            UsageError: It is none, or holds a password; the message does not repeat it.
        """
        parts = _split(text, _MAIL, option, "smtp://USER@HOST:PORT/TO@EXAMPLE.ORG")
        if parts.password is not None:
            raise UsageError(
                f"{option}: the address of the mail server holds a password, which others on this machine could see. Give it "
                "in a file, with --mail-password-file, or in the variable PROBATION_ETL_MAIL_PASSWORD."
            )
        user = unquote(parts.username) if parts.username else None
        recipients = tuple(unquote(each) for each in parts.path.strip("/").split(",") if each)
        sender = unquote(parts.query.removeprefix("from=")) or (user if user and "@" in user else "")
        host = parts.hostname or ""
        found = (*recipients, *([sender] if sender else []))
        if not recipients or not all(_is_mailbox(each) for each in found):
            raise UsageError(
                f"{option}: the mail address says nobody to write to, or somebody who cannot be written to. Expected "
                "smtp://USER@HOST:PORT/TO@EXAMPLE.ORG, several with commas between them."
            )
        port = parts.port or _PORTS[parts.scheme]
        return cls(host, port, parts.scheme == "smtps", user, sender or f"probation-etl@{host}", recipients)


def is_mail(text: str) -> bool:
    """Whether the text is the address of a mail server."""
    return text.split(":", 1)[0].lower() in _MAIL


def is_web(text: str) -> bool:
    """Whether the text is an address of the web."""
    return text.split(":", 1)[0].lower() in _WEB


def _split(text: str, schemes: tuple[str, ...], option: str, example: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        known = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or not text.isprintable() or " " in text:
        raise UsageError(
            f"{option}: this is no address of the form {example}. It is not shown, as it may hold a secret."
        )
    return parts


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _is_mailbox(text: str) -> bool:
    """Whether a text can be a mailbox; a line end in one would begin another header."""
    name, at, domain = text.rpartition("@")
    return bool(name and at and domain) and text.isprintable() and not set(text) & set(' ,<>"')
