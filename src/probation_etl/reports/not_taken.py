"""What lies in an inbox and was not taken, so that nothing is left without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from probation_etl.discreet import Discreet

#: ``waiting``: a later run takes it. ``left_alone``: no run does, as long as it is what it is.
State = Literal["waiting", "left_alone"]


@dataclass(frozen=True)
class NotTaken(Discreet, tells=("state", "why")):
    """A file, or another entry of an inbox, that was not taken and of which nothing is wrong.

    Attributes:
        file: Its path below the inbox, as it is shown.
        why: Why it was not taken, such as ``a link``.
    """

    file: str
    state: State
    why: str

    @property
    def waits(self) -> bool:
        """Whether a later run takes it."""
        return self.state == "waiting"


def in_short(left: Iterable[NotTaken]) -> str:
    """What is left alone in a few words: ``3 (a link: 2, hidden: 1)``."""
    kinds = Counter(each.why for each in left)
    listed = ", ".join(f"{why}: {count:,}" for why, count in sorted(kinds.items()))
    return f"{sum(kinds.values()):,} ({listed})"
