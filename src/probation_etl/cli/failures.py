"""What a user sees when something goes wrong: one message on standard error, and the right exit code."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

import click

from probation_etl.errors import InternalError, ProbationEtlError
from probation_etl.version import VERSION


def explain(error: Exception, *, verbose: bool) -> int:
    """Tells the user, and gives the exit code."""
    if verbose:
        click.echo("".join(traceback.format_exception(error)), err=True)
    if isinstance(error, ProbationEtlError) and not isinstance(error, InternalError):
        click.echo(f"probation-etl: {error}", err=True)
        return error.exit_code
    report = _report(error)
    click.echo(
        f"probation-etl: this is a bug of ours ({type(error).__name__}). Nothing is half-done. Please send us {report}",
        err=True,
    )
    return InternalError.exit_code


def _report(error: BaseException) -> Path:
    """A file with where it happened. It holds no message of the error: that may quote values of a return."""
    lines = [f"probation-etl {VERSION}"]
    current: BaseException | None = error
    while current is not None:
        lines.append(f"{type(current).__module__}.{type(current).__name__}")
        frames = traceback.extract_tb(current.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        current = current.__cause__ or current.__context__
    with tempfile.NamedTemporaryFile("w", prefix="probation-etl-bug-", suffix=".txt", delete=False) as file:
        file.write("\n".join(lines) + "\n")
    return Path(file.name)
