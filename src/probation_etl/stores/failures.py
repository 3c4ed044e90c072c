"""Contents that brought down what was reading them: a reader in its own process, or a whole run.

They are tried again, because the machine may have been busy; after so many attempts they are parked, and no run reads them.
A new version of the program counts anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from probation_etl.discreet import Discreet
from probation_etl.errors import UsageError
from probation_etl.stores.engine import Engine

#: After how many attempts a content is parked.
MOST_ATTEMPTS = 3
#: What was brought down; ``nothing`` where somebody takes a parked content back.
What = Literal["reader", "run", "nothing"]


@dataclass(frozen=True)
class Failure(Discreet, tells=("what",)):
    """One attempt to read a content that brought something down.

    Attributes:
        run_id: The run that made it.
        file: Name of the file at that time, as it is shown.
    """

    run_id: str
    sha256: str
    file: str
    program_version: str
    what: What


@dataclass(frozen=True)
class Trouble(Discreet):
    """What one content has brought down, with the program as it is.

    Attributes:
        attempts: How many of them there were.
        last: The newest of them.
    """

    attempts: int
    last: Failure

    @property
    def is_parked(self) -> bool:
        """Whether the content is not read any more."""
        return self.attempts >= MOST_ATTEMPTS


class Failures:
    """The failures that a store knows of, with the program as it is."""

    def __init__(self, engine: Engine, version: str) -> None:
        """The failures in this database, for this version of the program."""
        self._engine, self._version = engine, version

    def add(self, failure: Failure) -> None:
        """Writes a failure down, once for a run and a content."""
        same = "SELECT COUNT(*) FROM ledger.failures WHERE run_id = $1 AND sha256 = $2 AND what = $3"
        if not self._engine.value(same, [failure.run_id, failure.sha256, failure.what]):
            entry = {"sequence": self._engine.next_in("ledger.failures"), **vars(failure)}
            self._engine.insert("ledger.failures", entry)

    def troubles(self) -> dict[str, Trouble]:
        """What each content has brought down since it was last taken back, by SHA-256; some of them are parked."""
        known: dict[str, Trouble] = {}
        for each in self._all():
            if each.what == "nothing":
                known.pop(each.sha256, None)
            elif each.program_version == self._version:
                before = known.get(each.sha256)
                known[each.sha256] = Trouble(before.attempts + 1 if before else 1, each)
        return known

    def take_back(self, named: str, run_id: str) -> list[Failure]:
        """Lets the next run read contents again that are parked.

        Args:
            named: The name of the file as it was when it was read, or the beginning of its SHA-256.
            run_id: Under which name this is written down.

        Raises:
            UsageError: Nothing of that name is parked.
        """
        parked = [each.last for each in self.troubles().values() if each.is_parked]
        chosen = [each for each in parked if named and (each.file == named or each.sha256.startswith(named.lower()))]
        if not chosen:
            listed = ", ".join(f"‘{each.file}’ ({each.sha256[:12]})" for each in parked) or "none"
            raise UsageError(f"No file ‘{named}’ is parked. Those that are: {listed}.")
        for each in chosen:
            self.add(Failure(run_id, each.sha256, each.file, self._version, "nothing"))
        return chosen

    def _all(self) -> list[Failure]:
        """Every failure, in the order in which they were written down."""
        rows = self._engine.rows(
            "SELECT run_id, sha256, file, program_version, what FROM ledger.failures ORDER BY sequence"
        )
        return [Failure(*row) for row in rows]
