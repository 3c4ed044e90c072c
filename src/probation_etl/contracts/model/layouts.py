"""How the rows of a return stand in its file, where they do not simply stand below one line of headers."""

from __future__ import annotations

from dataclasses import dataclass

from probation_etl.discreet import Discreet


@dataclass(frozen=True)
class NotRead(Discreet):
    """What a file is expected to hold beside the return: it is not read, and nothing is said of it.

    Attributes:
        columns: Headers; ``*`` stands for any text.
        sheets: Names of sheets, likewise.
    """

    columns: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout(Discreet):
    """How the rows of a return stand in its file.

    Attributes:
        not_read: What else the file holds.
    """

    not_read: NotRead = NotRead()


#: Rows below one line of headers, and nothing else.
PLAIN = Layout()
