"""What a user sees when something goes wrong: one message on standard error, and the right exit code."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import click

from probation_etl.cli.logs import in_json, last_error
from probation_etl.cli.output import printable
from probation_etl.errors import InternalError, ProbationEtlError
from probation_etl.version import VERSION

INTERRUPTED = 130


def explain(error: BaseException, *, verbose: bool) -> int:
    """Says what went wrong, in the format of the logs, and returns the exit code.

    Args:
        error: What went wrong.
        verbose: Also say where it happened.
    """
    course = tuple(_course(error)) if verbose else ()
    if isinstance(error, ProbationEtlError) and not isinstance(error, InternalError):
        message, code, exit_code = str(error), error.kind, error.exit_code
    else:
        bug = f"this is a bug of ours ({type(error).__name__}). Nothing is half-done."
        message, code, exit_code = f"{bug} Please send us {_report(error)}", InternalError.kind, InternalError.exit_code
    if in_json():
        last_error(message, code=code, exit_code=exit_code, course=course)
    else:
        click.echo("\n".join((*course, f"probation-etl: {printable(message)}")), err=True)
    return exit_code


def explain_usage(error: click.ClickException) -> int:
    """Says what is wrong with a command line, and returns the exit code."""
    if in_json():
        last_error(error.format_message(), code="usage", exit_code=error.exit_code)
        return error.exit_code
    # It may name a file, and a name may hold characters that a terminal would act on.
    shown = StringIO()
    error.show(shown)
    click.echo(printable(shown.getvalue()), err=True, nl=False)
    return error.exit_code


def explain_abort() -> int:
    """Says, in JSON alone, that the command was interrupted from the keyboard, and returns the exit code."""
    if in_json():
        last_error("interrupted from the keyboard", code="interrupted", exit_code=INTERRUPTED)
    return INTERRUPTED


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
