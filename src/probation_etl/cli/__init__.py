"""The command line: options in, exit codes out. Engines are imported by the command that needs them."""

from __future__ import annotations

import os
import sys
from contextvars import copy_context
from pathlib import Path
from typing import Any

import click

from probation_etl.cli.contracts import contract
from probation_etl.cli.failures import explain, explain_abort, explain_usage
from probation_etl.cli.logs import asked_form, configure_logging
from probation_etl.cli.options import name_variables, read_settings, refuse_addresses
from probation_etl.cli.output import flush_or_forget, keep_standard_error, make_writable, open_closed_streams
from probation_etl.cli.run import check, demo, run
from probation_etl.cli.sample import sample
from probation_etl.cli.signals import heeded_signals, signals_forgotten
from probation_etl.cli.status import status
from probation_etl.cli.store import store
from probation_etl.cli.trace import trace
from probation_etl.cli.tracker import tracker
from probation_etl.cli.validate import validate
from probation_etl.version import VERSION

__all__ = ["cli", "main"]


class _Program(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command. Click would print an empty line for an interruption, which is no line of JSON."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.Abort from None


@click.group(
    cls=_Program, context_settings={"auto_envvar_prefix": "PROBATION_ETL", "help_option_names": ["-h", "--help"]}
)
@click.option(
    "--config", type=click.Path(path_type=Path), callback=read_settings, is_eager=True, expose_value=False,
    help="Configuration file (default: probation_etl.toml in the current directory, if there is one).",
)  # fmt: skip
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", help="Format of the logs.")
@click.option("-v", "--verbose", count=True, help="Log more; given twice, also show where an error arose.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing if there is nothing to report.")
@click.version_option(VERSION, prog_name="probation-etl")
@click.pass_context
def cli(context: click.Context, log_format: str, verbose: int, quiet: bool) -> None:
    """Turns the returns that many suppliers send into one trusted data set."""
    from probation_etl.remembered import name_folder

    context.obj = {"quiet": quiet, "verbose": verbose}
    configure_logging(log_format, verbose=verbose, quiet=quiet)
    name_folder(_cache())


def _cache() -> Path | None:
    """Where a user keeps what can be deleted, as the XDG Base Directory Specification has it; None for a user without a home."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        folder = given if given.is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return folder / "probation-etl" if folder.is_absolute() else None


for command in (demo, run, validate, check, contract, sample, status, store, trace, tracker):
    cli.add_command(command)
name_variables(cli, "PROBATION_ETL")
refuse_addresses(cli)


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and ends the process with its exit code."""
    # What we write may quote rows of a return, and so may what libraries write for us.
    os.umask(0o077)
    open_closed_streams()
    keep_standard_error()
    make_writable(sys.stdout)
    exit_code = run_cli(arguments)
    flush_or_forget()
    sys.exit(exit_code)


def run_cli(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    # In a context of its own: what a command names there, such as its run, is gone when it ends.
    with signals_forgotten():
        return copy_context().run(_run, given)


def _run(arguments: list[str]) -> int:
    configure_logging(asked_form(arguments), verbose=_verbosity(arguments), quiet=False)
    try:
        with heeded_signals():
            outcome: Any = cli.main(list(arguments), prog_name="probation-etl", standalone_mode=False)
            # Here an error of the output is still ours to explain, and not the interpreter's.
            if sys.stdout:
                sys.stdout.flush()
    except click.ClickException as error:
        return explain_usage(error)
    except click.Abort as error:
        return explain_abort(error)
    except BrokenPipeError:
        # The reader of our output (head, less) has ended: nobody would see a message.
        sys.stdout = None
        return 0
    except (SystemExit, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 -- the last resort: the panics of polars are no Exception
        return explain(error, verbose=_verbosity(arguments) > 1)
    return outcome if isinstance(outcome, int) else 0


def _verbosity(arguments: list[str]) -> int:
    """How often -v was given. Click may have failed before it read the option, so it is counted here."""
    flags = [each for each in arguments if each == "--verbose" or (each.startswith("-") and set(each[1:]) == {"v"})]
    return sum(1 if each == "--verbose" else len(each) - 1 for each in flags)
