"""Logs on standard error, as text or as JSON lines. Configured here and nowhere else."""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from probation_etl.journal import current_run

OPTION = "--log-format"
_VARIABLE = "PROBATION_ETL_LOG_FORMAT"
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "run"}
_LOGGER = logging.getLogger("probation_etl")


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One record as one JSON object."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": moment, "level": record.levelname.lower(), "message": record.getMessage()}
        return json.dumps({**line, "run": getattr(record, "run", None), **_belonging(record)})


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One record as a line: message, then what belongs to it."""
        words = []
        for key, value in _belonging(record).items():
            parts = value.items() if isinstance(value, dict) else ((key, value),)
            words += [f"{name}={each}" for name, each in parts]
        line = " ".join((f"{record.levelname.lower()}: {record.getMessage()}", *words))
        # A file name may hold line breaks and codes that a terminal would act on.
        return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in line)


class _Shown(logging.Filter):
    """Puts its run into every record, and lets the last line of a run pass in JSON whatever its level is.

    A reader of JSON lines wants to know how each run ended. With -q it is shown where there is something to report.
    """

    def __init__(self, threshold: int, *, every_end: bool, faulty_end: bool) -> None:
        super().__init__()
        self._threshold, self._every_end, self._faulty_end = threshold, every_end, faulty_end

    def filter(self, record: logging.LogRecord) -> bool:
        record.run = current_run()
        ended_with = getattr(record, "exit_code", None)
        is_end = self._every_end if ended_with == 0 else self._faulty_end and ended_with is not None
        return record.levelno >= self._threshold or is_end


def configure_logging(form: str, *, verbose: int, quiet: bool) -> None:
    """Sends the program's logs to standard error.

    Args:
        form: ``text`` or ``json``.
        verbose: 1 shows what happens, 2 shows all.
        quiet: In JSON, say nothing of a run that has nothing to report.
    """
    threshold = (logging.WARNING, logging.INFO, logging.DEBUG)[0 if quiet else min(verbose, 2)]
    as_json = form == "json"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if as_json else _Text())
    handler.addFilter(_Shown(threshold, every_end=as_json and not quiet, faulty_end=as_json))
    _LOGGER.handlers, _LOGGER.propagate = [handler], False
    _LOGGER.setLevel(min(threshold, logging.INFO) if as_json else threshold)
    # What libraries log and warn of may quote a return: nothing of it is shown.
    if not logging.root.handlers:
        logging.root.addHandler(logging.NullHandler())
    if not sys.warnoptions:
        warnings.showwarning = _warned


def in_json() -> bool:
    """Whether logs are JSON lines, so that the last error has to be one."""
    return any(isinstance(each.formatter, _JsonLines) for each in _LOGGER.handlers)


def asked_form(arguments: Sequence[str]) -> str:
    """The format that a flag or the environment asks for: click may fail before it has read the option."""
    for at, each in enumerate(arguments):
        if each == OPTION and at + 1 < len(arguments):
            return arguments[at + 1]
        if each.startswith(f"{OPTION}="):
            return each.partition("=")[2]
    return os.environ.get(_VARIABLE, "text")


def remark(message: str, *, warns: bool = False) -> None:
    """Says something beside the results of a command, on standard error: in JSON as a line, where -v asks for it.

    Args:
        message: What is said.
        warns: Whether it is said without -v too.
    """
    if in_json():
        level = logging.WARNING if warns else logging.INFO
        _LOGGER.log(level, "%s", message, extra={"stage": "command", "outcome": "remark"})
    else:
        click.echo(message, err=True)


def last_error(message: str, *, code: str, exit_code: int, course: Sequence[str] = ()) -> None:
    """Logs the error that ends a command, as its last line.

    Args:
        message: What is said in text too.
        code: What kind of error it is.
        exit_code: What the command ends with.
        course: Where it arose; empty unless asked for.
    """
    more = {"course": list(course)} if course else {}
    _LOGGER.error(
        "%s", message, extra={"stage": "command", "outcome": "failed", "code": code, "exit_code": exit_code, **more}
    )


def _belonging(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int,  # noqa: ARG001 -- its text is a library's
    file: TextIO | None = None, line: str | None = None,  # noqa: ARG001 -- as the standard library calls it
) -> None:  # fmt: skip
    place = f"{Path(filename).name}:{lineno}"
    _LOGGER.debug("a library warns", extra={"stage": "library", "outcome": category.__name__, "place": place})
