"""Options that several commands have, and where they come from: the command line, the environment or a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from probation_etl.errors import EnvironmentFailure, UsageError
from probation_etl.files import reason

Named = TypeVar("Named")

contracts_option = click.option(
    "--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: the shipped ones)."
)
store_option = click.option(
    "--store", default="duckdb:///probation.duckdb", show_default=True, help="URL of the store."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
limit_option = click.option(
    "--limit", "limits", multiple=True, metavar="NAME=NUMBER",
    help="Limit on what a file or a query may take, such as rows=1000000. Can be given several times; an unknown name lists all limits.",
)  # fmt: skip
wait_option = click.option(
    "--wait", type=click.IntRange(0, 86_400), default=0, metavar="SECONDS",
    help="How long to wait for another run, or for another program that has the store open (default: not at all).",
)  # fmt: skip
reports_option = click.option(
    "--reports", type=click.Path(path_type=Path), default="reports", show_default=True, help="Where reports go."
)
reason_option = click.option("--reason", required=True, help="Reason, recorded in the ledger.")
as_of_option = click.option(
    "--as-of", metavar="RUN|TIME", help="Show the store as it was after that run, or at that time (UTC, ISO 8601)."
)


def moment(text: str | None) -> str | datetime | None:
    """The text as a time if it is one; otherwise it is the id of a run."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return text


def chosen(name: str, known: Mapping[str, Named], *, kind: str = "contract") -> Named:
    """The contract of that id.

    Raises:
        UsageError: There is none; the message suggests one.
    """
    from probation_etl.contracts.suggestions import did_you_mean

    if name not in known:
        suggestion = did_you_mean(name, known) or f"; expected one of {', '.join(known)}."
        raise UsageError(f"There is no {kind} ‘{name}’{suggestion}")
    return known[name]


def present(store: str) -> None:
    """Refuses a store that does not exist, which opening it would create.

    Raises:
        EnvironmentFailure: There is none at this URL.
        UsageError: No store can have this URL.
    """
    from probation_etl.stores import exists, shown_url

    if not exists(store):
        raise EnvironmentFailure(
            f"There is no store at {shown_url(store)}: run ‘probation-etl run’ first, or name another."
        )


class LocalPath(click.Path):
    """A path that can be meant: ``s3://bucket/reports`` would become a folder named ``s3:``, ``-o t.csv`` one named ``t.csv``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        from probation_etl.paths import named_as_folder, on_this_machine

        path = on_this_machine(value)
        if not self.file_okay:
            named_as_folder(path)
        return super().convert(value, param, ctx)

    @classmethod
    def like(cls, other: click.Path) -> LocalPath:
        """The same kind of path as another."""
        made = cls()
        vars(made).update(vars(other))
        return made


def refuse_addresses(command: click.Command) -> None:
    """Makes sure that no path of a command, and of those below it, can be an address."""
    for option in command.params:
        if isinstance(option.type, click.Path):
            option.type = LocalPath.like(option.type)
    for each in _commands(command).values():
        refuse_addresses(each)


def name_variables(command: click.Command, prefix: str) -> None:
    """Names the environment variable of every option for its flag: ``PROBATION_ETL_VALIDATE_FORMAT`` for ``--format``."""
    for name, option in _options(command).items():
        if isinstance(option, click.Option):
            option.envvar = f"{prefix}_{name.upper()}"
    for name, each in _commands(command).items():
        name_variables(each, f"{prefix}_{name.upper()}")


def read_settings(context: click.Context, _parameter: click.Parameter, path: Path | None) -> None:
    """Makes the settings of the file the defaults. A flag or a variable of the environment overrides them."""
    chosen = path or Path("probation_etl.toml")
    if path is None and not chosen.is_file():
        return
    import tomllib

    try:
        settings = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.UsageError(f"The configuration file {chosen} cannot be read: {reason(error)}.", context) from None
    except UnicodeDecodeError:
        raise click.UsageError(f"The configuration file {chosen} is not text in UTF-8.", context) from None
    except tomllib.TOMLDecodeError as error:
        raise click.UsageError(f"The configuration file {chosen} is not TOML: {error}.", context) from None
    try:
        context.default_map = _defaults(context.command, settings)
    except ValueError as error:
        raise click.UsageError(f"{chosen}: {error}", context) from None


def _defaults(command: click.Command, settings: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """The settings under the names of their parameters. An unknown one is refused, or a misspelling would go unnoticed."""
    options, commands = _options(command), _commands(command)
    found: dict[str, Any] = {}
    for key, value in settings.items():
        option = options.get(key.replace("-", "_"))
        if option is not None and option.name is not None:
            found[option.name] = value
        elif key not in commands:
            raise ValueError(_unknown(key, name, [*options, *commands]))
        elif not isinstance(value, dict):
            table = f"{name} {key}".strip().replace(" ", ".")
            raise ValueError(f"‘{key}’ is a command: give its options as a table, [{table}].")
        else:
            found[key] = _defaults(commands[key], value, f"{name} {key}".strip())
    return found


def _unknown(key: str, name: str, known: list[str]) -> str:
    from probation_etl.contracts.suggestions import did_you_mean

    words = f"‘{name}’ has no option ‘{key}’" if name else f"‘{key}’ is neither a command nor an option"
    return f"{words}{did_you_mean(key, known) or '.'}"


def _options(command: click.Command) -> dict[str, click.Parameter]:
    """Options by the name of their longest flag, and arguments by theirs, with underscores."""
    return {max(each.opts, key=len).lstrip("-").replace("-", "_"): each for each in command.params}


def _commands(command: click.Command) -> Mapping[str, click.Command]:
    return command.commands if isinstance(command, click.Group) else {}
