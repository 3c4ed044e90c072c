"""What a user sees when something goes wrong: one message on standard error, and the right exit code."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import click

from probation_etl.cli.output import printable
from probation_etl.errors import InternalError, ProbationEtlError
from probation_etl.version import VERSION


def explain(error: BaseException, *, verbose: bool) -> int:
    """Prints the error and returns the exit code.

    Args:
        error: What went wrong.
        verbose: Also print where it happened.
    """
    if verbose:
        click.echo("\n".join(_course(error)), err=True)
    if isinstance(error, ProbationEtlError) and not isinstance(error, InternalError):
        click.echo(f"probation-etl: {printable(str(error))}", err=True)
        return error.exit_code
    report = _report(error)
    click.echo(
        f"probation-etl: this is a bug of ours ({type(error).__name__}). Nothing is half-done. Please send us {report}",
        err=True,
    )
    return InternalError.exit_code


def _report(error: BaseException) -> Path:
    """A file with where it happened."""
    with tempfile.NamedTemporaryFile("w", prefix="probation-etl-bug-", suffix=".txt", delete=False) as file:
        file.write("\n".join((f"probation-etl {VERSION}", *_course(error))) + "\n")
    return Path(file.name)


def _course(error: BaseException) -> Iterator[str]:
    """Where it happened, from the error to its causes. Their messages are left out: they may quote values of a return."""
    current: BaseException | None = error
    while current is not None:
        yield f"{type(current).__module__}.{type(current).__name__}"
        for frame in traceback.extract_tb(current.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        current = current.__cause__ or current.__context__
