"""What a user sees when something goes wrong: one message on standard error, and the right exit code."""

from __future__ import annotations

import errno
import signal
import traceback
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probation_etl.cli.logs import in_json, last_error
from probation_etl.cli.output import printable, say_aloud
from probation_etl.errors import EnvironmentFailure, InternalError, ProbationEtlError
from probation_etl.files import reason
from probation_etl.stopping import Stopped, wished
from probation_etl.version import VERSION

if TYPE_CHECKING:
    from probation_etl.operations.events import Failure

INTERRUPTED = 130
#: Errors of the system that say that there is no room, or that a disk fails: no bug of ours.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_NO_MEMORY = (
    "There is not enough memory. Nothing is half-done. Give the program more (the machine, or a limit such as ulimit -v or "
    "MemoryMax=), or let it read smaller files alone (--limit file_bytes=NUMBER)."
)


def explain(error: BaseException, *, verbose: bool) -> int:
    """Says what went wrong, in the format of the logs, and returns the exit code.

    Args:
        error: What went wrong.
        verbose: Also say where it happened.
    """
    course = tuple(_course(error)) if verbose else ()
    failure = failure_of(error)
    message = failure.message
    if failure.code == InternalError.kind:
        message += f" Please send us {_report(error)}"
    if in_json():
        last_error(message, code=failure.code, exit_code=failure.exit_code, course=course)
    else:
        say_aloud("\n".join((*course, f"probation-etl: {printable(message)}")))
    return failure.exit_code


def failure_of(error: BaseException) -> Failure:
    """An error in words of ours, with the exit code that it means."""
    from probation_etl.operations.events import Failure

    if (number := wished()) is not None:
        # A library may have made an error of its own of the interruption.
        holds = str(error) if isinstance(error, Stopped | ProbationEtlError) else Stopped().holds
        return Failure("interrupted", 128 + number, f"stopped by {signal.Signals(number).name}. {holds}")
    if isinstance(error, ProbationEtlError) and not isinstance(error, InternalError):
        return Failure(error.kind, error.exit_code, str(error))
    if isinstance(error, click.ClickException):
        return Failure("usage", error.exit_code, error.format_message())
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return Failure(
            EnvironmentFailure.kind, EnvironmentFailure.exit_code, f"The output cannot be written: {reason(error)}."
        )
    if isinstance(error, MemoryError):
        return Failure(EnvironmentFailure.kind, EnvironmentFailure.exit_code, _NO_MEMORY)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return Failure("interrupted", INTERRUPTED, "interrupted from the keyboard")
    bug = f"this is a bug of ours ({type(error).__name__}). Nothing is half-done."
    return Failure(InternalError.kind, InternalError.exit_code, bug)


def explain_usage(error: click.ClickException) -> int:
    """Says what is wrong with a command line, and returns the exit code."""
    error = _with_its_place(error)
    if in_json():
        return explain(error, verbose=False)
    # It may name a file, and a name may hold characters that a terminal would act on.
    shown = StringIO()
    error.show(shown)
    say_aloud(printable(shown.getvalue()).rstrip("\n"))
    return error.exit_code


def _with_its_place(error: click.ClickException) -> click.ClickException:
    """Adds to an unknown option of a command that it is one of the whole program."""
    if not isinstance(error, click.NoSuchOption) or error.ctx is None or error.ctx.parent is None:
        return error
    if not any(error.option_name in each.opts for each in error.ctx.find_root().command.params):
        return error
    words = error.ctx.command_path.split()
    line = " ".join((words[0], error.option_name, *words[1:]))
    message = f"{error.message} It belongs before the command: ‘{line} …’."
    return click.NoSuchOption(error.option_name, message, ctx=error.ctx)


def explain_abort(error: click.Abort) -> int:
    """Says, in JSON alone, that the command was interrupted from the keyboard, and returns the exit code."""
    return explain(error, verbose=False) if in_json() else INTERRUPTED


def _report(error: BaseException) -> Path:
    """A file with where it happened."""
    import tempfile

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
