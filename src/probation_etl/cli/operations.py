"""Options that say who is told of a run: a monitor, files, people, a catalogue of lineage. Built here, told in ``operations``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probation_etl.cli.failures import failure_of
from probation_etl.errors import EnvironmentFailure, UsageError
from probation_etl.files import explained
from probation_etl.journal import followed, name_run

if TYPE_CHECKING:
    from probation_etl.operations.events import Observer
    from probation_etl.operations.watch import Watch

_PASSWORD = "PROBATION_ETL_MAIL_PASSWORD"  # noqa: S105 -- the name of a variable
_Command = Callable[..., Any]

_OPTIONS = (
    click.option(
        "--ping-url", metavar="URL",
        help="Ask for URL/start when the run begins, and for URL/EXIT_CODE when it has ended, as Healthchecks expects it.",
    ),
    click.option(
        "--heartbeat", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
        help="Write what the run is doing to FILE, as JSON: at its beginning, while it works, and at its end.",
    ),
    click.option(
        "--metrics", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
        help="Write the numbers of the run to FILE, for the textfile collector of Prometheus' node_exporter.",
    ),
    click.option(
        "--notify", multiple=True, metavar="URL",
        help="Tell how the run ended, without any value of a return: https://… gets a POST of JSON, "
        "smtp://USER@HOST:PORT/TO or smtps://… a mail. Can be given several times.",
    ),
    click.option(
        "--notify-when", type=click.Choice(["problems", "always"]), default="problems", show_default=True,
        help="Tell it when somebody has to do something, or after every run.",
    ),
    click.option(
        "--mail-password-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
        help=f"File with the password of the mail server (default: the variable {_PASSWORD}).",
    ),
    click.option(
        "--openlineage", metavar="URL|FILE",
        help="Send the events of OpenLineage to URL, or add them to FILE. Needs the extra ‘openlineage’.",
    ),
)  # fmt: skip


def operations_options(command: _Command) -> _Command:
    """Gives a command that takes an inbox the options, and hands it who is to be told as ``observers``."""

    @wraps(command)
    def call(
        *words: Any, inbox: Path, ping_url: str | None, heartbeat: Path | None, metrics: Path | None, notify: tuple[str, ...],
        notify_when: str, mail_password_file: Path | None, openlineage: str | None, **options: Any,
    ) -> Any:  # fmt: skip
        _outside(inbox, heartbeat, metrics, openlineage)
        observers = [
            *([_ping(ping_url)] if ping_url else ()),
            *([_heartbeat(heartbeat)] if heartbeat else ()),
            *([_metrics(metrics)] if metrics else ()),
            *_notified(notify, mail_password_file, always=notify_when == "always"),
            *([_lineage(openlineage)] if openlineage else ()),
        ]
        return command(*words, inbox=inbox, observers=observers, **options)

    for option in reversed(_OPTIONS):
        call = option(call)
    return call


def _outside(inbox: Path, heartbeat: Path | None, metrics: Path | None, openlineage: str | None) -> None:
    """Refuses files in the inbox."""
    from probation_etl.operations.addresses import is_web
    from probation_etl.paths import outside

    outside(heartbeat, inbox, "The heartbeat file")
    outside(metrics, inbox, "The metrics file")
    events = Path(openlineage) if openlineage and not is_web(openlineage) else None
    outside(events, inbox, "The file of OpenLineage events")


@contextmanager
def watched(observers: Sequence[Observer], *, inbox: Path, store: str) -> Iterator[Watch]:
    """Names the run and tells of it, from its beginning to its end, whatever that is.

    Args:
        observers: Whom to tell.
        inbox: The directory with the returns.
        store: URL of the store.
    """
    from probation_etl.operations.events import Begun
    from probation_etl.operations.watch import Watch

    name = name_run()
    watch = Watch(observers, Begun(name.run_id, name.started_at, _without_password(store), inbox))
    try:
        watch.begin()
        with followed(watch.goes_on):
            yield watch
    except BrokenPipeError:
        # The reader of our output has ended: the run is what it was.
        watch.finished()
        raise
    except BaseException as error:
        watch.failed(failure_of(error))
        raise
    watch.finished()


def _without_password(store: str) -> str:
    from probation_etl.stores import shown_url, store_path

    try:
        path = store_path(store)
    except UsageError:
        return "unknown"
    return f"duckdb://{path.absolute()}" if path else shown_url(store)


def _ping(url: str) -> Observer:
    from probation_etl.operations.addresses import WebAddress
    from probation_etl.operations.ping import Ping

    return Ping(WebAddress.of(url, "--ping-url"))


def _heartbeat(path: Path) -> Observer:
    from probation_etl.operations.heartbeat import Heartbeat

    return Heartbeat(path)


def _metrics(path: Path) -> Observer:
    from probation_etl.operations.metrics import Metrics

    return Metrics(path)


def _notified(urls: Sequence[str], password_file: Path | None, *, always: bool) -> Iterator[Observer]:
    from probation_etl.operations.addresses import MailAddress, WebAddress, is_mail

    for url in urls:
        if is_mail(url):
            from probation_etl.operations.mail import Mail

            yield Mail(MailAddress.of(url, "--notify"), _password(password_file), always=always)
        else:
            from probation_etl.operations.webhook import Webhook

            yield Webhook(WebAddress.of(url, "--notify"), always=always)


def _password(file: Path | None) -> str | None:
    """The password of the mail server: the first line of the file, or what the environment says."""
    if file is None:
        return os.environ.get(_PASSWORD)
    with explained(f"The file {file} with the password of the mail server cannot be read", then="Nothing was done."):
        lines = file.read_bytes().splitlines()
    try:
        return lines[0].decode() if lines else None
    except UnicodeDecodeError:
        raise EnvironmentFailure(
            f"The file {file} with the password of the mail server is not text in UTF-8."
        ) from None


def _lineage(target: str) -> Observer:
    from probation_etl.operations.addresses import WebAddress, is_web
    from probation_etl.paths import on_this_machine

    try:
        from probation_etl.operations.lineage import Lineage
    except ModuleNotFoundError:
        raise UsageError(
            "--openlineage needs a library that is not installed: install probation-etl[openlineage], as in "
            '‘pip install "probation-etl[openlineage]"’.'
        ) from None
    return Lineage(WebAddress.of(target, "--openlineage") if is_web(target) else on_this_machine(target))
