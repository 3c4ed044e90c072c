"""Where a result goes: standard output, or the file that the user names."""

from __future__ import annotations

from pathlib import Path

import click

from probation_etl.errors import EnvironmentFailure


def emit(text: str, output: Path | None) -> None:
    """Prints the text, or writes it to a file.

    Raises:
        EnvironmentFailure: The file cannot be written.
    """
    if output is None:
        click.echo(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8", newline="")
    except OSError as error:
        raise EnvironmentFailure(f"The file {output} cannot be written: {error.strerror}.") from None
