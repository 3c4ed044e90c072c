"""Where a result goes: standard output, or the file that the user names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copymode

import click

from probation_etl.errors import EnvironmentFailure


def emit(text: str, output: Path | None) -> None:
    """Prints the text, or writes it to a file. What is no text, as half of a pair of UTF-16, is a question mark.

    Raises:
        EnvironmentFailure: The file cannot be written.
    """
    whole = text.encode("utf-8", errors="replace").decode()
    if output is None:
        click.echo(whole)
        return
    write_whole(output, f"{whole}\n".encode())


def write_whole(output: Path, content: bytes) -> None:
    """Writes the whole file, or leaves what is there as it was. A device or pipe takes the content as it comes.

    Raises:
        EnvironmentFailure: The file cannot be written.
    """
    with explained(output):
        if output.exists() and not output.is_file():
            output.write_bytes(content)
            return
        target = output.resolve()
        draft = target.with_name(f".{target.name[:100]}.part")
        try:
            draft.write_bytes(content)
            if target.exists():
                copymode(target, draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def explained(output: Path) -> Iterator[None]:
    """Turns an error of the file system into one line that says what could not be written.

    Raises:
        EnvironmentFailure: The file cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise EnvironmentFailure(f"The file {output} cannot be written: {error.strerror or error}.") from None
