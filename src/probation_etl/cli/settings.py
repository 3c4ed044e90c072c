"""Options that come from the environment or from a file, under the names that they have on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click


def name_variables(command: click.Command, prefix: str) -> None:
    """Names the environment variable of every option for its flag: ``PROBATION_ETL_VALIDATE_FORMAT`` for ``--format``."""
    for name, option in _options(command).items():
        if isinstance(option, click.Option):
            option.envvar = f"{prefix}_{name.upper()}"
    for name, each in _commands(command).items():
        name_variables(each, f"{prefix}_{name.upper()}")


def read_settings(context: click.Context, _parameter: click.Parameter, path: Path | None) -> None:
    """Settings of the file become defaults: a flag or the environment goes before them."""
    import tomllib

    chosen = path or Path("probation_etl.toml")
    if path is None and not chosen.is_file():
        return
    try:
        settings = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise click.UsageError(f"The configuration file {chosen} cannot be read: {error}", context) from None
    try:
        context.default_map = _defaults(context.command, settings)
    except ValueError as error:
        raise click.UsageError(f"{chosen}: {error}", context) from None


def _defaults(command: click.Command, settings: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """The settings under the names that the program has for them. One that nothing has would be ignored in silence."""
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
