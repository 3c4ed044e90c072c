"""Contents that brought down what was reading them: a reader in its own process, or a whole run.

They are tried again, because the machine may have been busy; after so many attempts they are parked, and no run reads them.
A new version of the program counts anew.
"""

from __future__ import annotations

from collections.abc import Iterable
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


def add_failure(engine: Engine, failure: Failure) -> None:
    """Writes a failure down, once for a run and a content."""
    same = "SELECT COUNT(*) FROM ledger.failures WHERE run_id = $1 AND sha256 = $2 AND what = $3"
    if not engine.value(same, [failure.run_id, failure.sha256, failure.what]):
        engine.insert("ledger.failures", {"sequence": engine.next_in("ledger.failures"), **vars(failure)})


def failures(engine: Engine) -> list[Failure]:
    """Every failure, in the order in which they were written down."""
    rows = engine.rows("SELECT run_id, sha256, file, program_version, what FROM ledger.failures ORDER BY sequence")
    return [Failure(*row) for row in rows]


def troubles(found: Iterable[Failure], version: str) -> dict[str, Trouble]:
    """What each content has brought down since it was last taken back, by SHA-256.

    Args:
        found: The failures, in their order.
        version: The version of the program.
    """
    known: dict[str, Trouble] = {}
    for each in found:
        if each.what == "nothing":
            known.pop(each.sha256, None)
        elif each.program_version == version:
            before = known.get(each.sha256)
            known[each.sha256] = Trouble(before.attempts + 1 if before else 1, each)
    return known


def take_back(engine: Engine, named: str, run_id: str, version: str) -> list[Failure]:
    """Lets the next run read contents again that are parked.

    Args:
        engine: The database.
        named: The name of the file as it was when it was read, or the beginning of its SHA-256.
        run_id: Under which name this is written down.
        version: The version of the program.

    Raises:
        UsageError: Nothing of that name is parked.
    """
    parked = [each.last for each in troubles(failures(engine), version).values() if each.is_parked]
    chosen = [each for each in parked if named and (each.file == named or each.sha256.startswith(named.lower()))]
    if not chosen:
        listed = ", ".join(f"‘{each.file}’ ({each.sha256[:12]})" for each in parked) or "none"
        raise UsageError(f"No file ‘{named}’ is parked. Those that are: {listed}.")
    for each in chosen:
        add_failure(engine, Failure(run_id, each.sha256, each.file, version, "nothing"))
    return chosen
