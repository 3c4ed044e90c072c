"""Where a result goes: standard output, or the file that the user names."""

from __future__ import annotations

from pathlib import Path

import click

from probation_etl.files import explained, write_file


def emit(text: str, output: Path | None) -> None:
    """Prints the text, or writes it to a file, with a question mark for what cannot be encoded.

    Raises:
        EnvironmentFailure: The file cannot be written.
    """
    whole = text.encode("utf-8", errors="replace").decode()
    if output is None:
        click.echo(whole)
    else:
        save(f"{whole}\n", output)


def save(content: str | bytes, output: Path) -> None:
    """Writes the file that the user names.

    Raises:
        EnvironmentFailure: It cannot be written.
    """
    with explained(f"The file {output} cannot be written"):
        write_file(output, content)
