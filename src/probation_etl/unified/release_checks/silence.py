"""Keeps the library quiet: it logs a lot, and some of it contains values of the data."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps the library's warnings and log records from everyone."""
    logger = logging.getLogger("great_expectations")
    handlers, propagate = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logger.handlers, logger.propagate = handlers, propagate
