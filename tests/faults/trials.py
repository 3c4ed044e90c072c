"""What was promised, how it was tried, how often, and what did not hold: the table of the page on reliability."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

#: At how many places each fault is made: ``all``, a number, or by default as few as a test has time for.
PLACES = os.environ.get("PROBATION_ETL_FAULTS", "")
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "reliability.md"
Place = TypeVar("Place")
BEGIN, END = "<!-- trials: written by make test-faults -->", "<!-- end of trials -->"


@dataclass
class Trial:
    """One promise under one kind of fault.

    Attributes:
        promise: What must hold.
        how: The fault, and what is looked at afterwards.
        places: At how many places the fault can be made.
        tried: How often it was made.
        violations: What did not hold, each with the place of the fault.
        tell: Shows how far it has come.
    """

    promise: str
    how: str
    places: int = 0
    tried: int = 0
    violations: list[str] = field(default_factory=list)
    tell: Callable[[str], None] = print

    def sampled(self, places: Iterable[Place], most: int) -> list[Place]:
        """As many places as were asked for, or ``most``: spread evenly, with the first and the last; or the middle."""
        every = list(places)
        self.places += len(every)
        wanted = len(every) if PLACES == "all" else int(PLACES or most)
        if len(every) <= wanted:
            return every
        if wanted == 1:
            return [every[len(every) // 2]]
        step = (len(every) - 1) / (wanted - 1)
        return [every[at] for at in sorted({round(len(every) - 1 - at * step) for at in range(wanted)})]

    @contextmanager
    def at(self, place: object) -> Iterator[None]:
        """Whatever goes wrong in this block is noted as a violation at the place, and the trial goes on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 -- a trial of hours does not end with its first surprise
            self.tried += 1
            self.violations.append(f"{place}: {type(error).__name__}: {' '.join(str(error).split())[:500]}")
        if PLACES:
            done = f"{self.tried} of {max(self.places, self.tried)}, {len(self.violations)} violations"
            self.tell(f"{self.how[:80]}: {place}: {done}")

    def holds(self, place: object, **promised: bool) -> None:
        """Counts one fault, and notes what of the promise did not hold after it."""
        self.tried += 1
        broken = [name.replace("_", " ") for name, held in promised.items() if not held]
        if broken:
            self.violations.append(f"{place}: not so: {', '.join(broken)}")

    def verdict(self) -> None:
        """Fails the test if anything did not hold, or nothing was tried."""
        assert self.tried, f"nothing was tried: {self.promise}"
        assert not self.violations, "\n".join((self.promise, *self.violations))

    @property
    def plain(self) -> dict[str, Any]:
        """What another process can be told of it."""
        return {name: value for name, value in vars(self).items() if name != "tell"}

    @property
    def row(self) -> str:
        """The trial as a row of the table."""
        tried = f"{self.tried:,}" if self.tried >= self.places else f"{self.tried:,} of {self.places:,}"
        return f"| {self.promise} | {self.how} | {tried} | {len(self.violations)} |"


def table(trials: Iterable[Trial]) -> str:
    """The trials as a table of the page."""
    lines = ["| promise | how it was tried | trials | violations |", "|---|---|---:|---:|"]
    return "\n".join((*lines, *(each.row for each in trials)))


def write_page(trials: Iterable[Trial], when: str) -> None:
    """Writes the figures of a whole pass into the page."""
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    PAGE.write_text(f"{head}{BEGIN}\n\n{when}\n\n{table(trials)}\n\n{END}{tail}", encoding="utf-8")
