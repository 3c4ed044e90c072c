"""Logs on standard error, as text or as JSON lines. Configured here and nowhere else."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One record as one JSON object."""
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"time": moment, "level": record.levelname.lower(), "message": record.getMessage(), **extra})


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One record as a line: message, then what belongs to it."""
        extra = (f"{key}={value}" for key, value in vars(record).items() if key not in _STANDARD)
        line = " ".join((f"{record.levelname.lower()}: {record.getMessage()}", *extra))
        # A file name may hold line breaks and codes that a terminal would act on.
        return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in line)


def configure_logging(form: str, *, verbose: int, quiet: bool) -> None:
    """Sends the program's logs to standard error.

    Args:
        form: ``text`` or ``json``.
        verbose: 1 shows what happens, 2 shows all.
        quiet: Errors only.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if form == "json" else _Text())
    logger = logging.getLogger("probation_etl")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)])
