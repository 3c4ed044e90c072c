"""Every exception the package raises, and the exit code that goes with it.

ProbationEtlError                 70  anything that this package raises
├── UsageError                     2  an argument or a setting that cannot be used
│   ├── WrongTypeError             2  an argument of another type; a TypeError as well
│   ├── UnknownNameError           2  a name that is not there; a KeyError as well
│   └── ContractError              2  a contract that cannot be used
├── EnvironmentFailure             3  the work could not be done: store, disk, permission
│   ├── StoreError                 3  the store is out of reach or newer than the program
│   │   └── CommitError            3  the store failed while it committed: what it holds is another question
│   ├── LedgerMismatch             3  the store is not what its ledger file says: nothing was done
│   └── ReconciliationError        3  rows or totals do not agree: nothing was committed
├── LockedError                   75  another run holds the lock, or another program has the store open
├── UnreadableFile                 1  a return that cannot be read: becomes a finding
└── InternalError                 70  a bug in this package

Messages say what was found, where, what was expected and what to do next. They never contain a value of a return.
This module imports nothing from the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


class ProbationEtlError(Exception):
    """Anything this package raises.

    Attributes:
        exit_code: Exit code of the command line for this error.
        kind: What kind of error it is, for programs: ``usage``, ``contract``, ``store``, ``locked``, ….
    """

    exit_code = 70
    kind = "internal"

    def __init_subclass__(cls) -> None:
        words = re.findall(r"[A-Z][a-z]+", cls.__name__)
        cls.kind = "-".join(word.lower() for word in words if word not in ("Error", "Failure"))


class UsageError(ProbationEtlError):
    """An argument or a setting that cannot be used."""

    exit_code = 2


class WrongTypeError(UsageError, TypeError):
    """An argument of another type than the function takes. It is a ``TypeError`` as well."""


class UnknownNameError(UsageError, KeyError):
    """A name that is not there, such as that of a column or a contract. It is a ``KeyError`` as well."""

    # A KeyError shows the representation of its message.
    __str__ = Exception.__str__


class ContractError(UsageError):
    """A contract that cannot be used.

    Attributes:
        faults: Every fault found, one line each, with file, line and path.
    """

    def __init__(self, message: str, *, faults: tuple[str, ...] = ()) -> None:
        super().__init__("\n".join((message, *faults)))
        self.faults = faults


class EnvironmentFailure(ProbationEtlError):
    """The work could not be done; the message says what holds, and it is safe to run again."""

    exit_code = 3


class StoreError(EnvironmentFailure):
    """The store is out of reach, unusable, or newer than the program."""


class TooLongError(StoreError):
    """A query was ended because it took too long.

    Attributes:
        seconds: How long it may take.
        place: Where the store is.
        tables: The unified tables and views that it computes or reads.
    """

    def __init__(self, seconds: float, place: str = "", tables: Iterable[str] = ()) -> None:
        """How long it may take, where the store is, and what it reads."""
        self.seconds, self.place, self.tables = seconds, place, tuple(dict.fromkeys(tables))
        where = f"The store {place} ended a query of the contracts" if place else "A query was ended"
        read = " and ".join(f"‘{each}’" for each in self.tables)
        super().__init__(
            f"{where} after {seconds:g} seconds{read and f' that reads {read}'}. Nothing was changed. Let the query read less, "
            "or allow it more time with --limit query_seconds=NUMBER."
        )


class CommitError(StoreError):
    """The store failed while it committed. Whether it holds the work, only the store itself can say.

    Attributes:
        failure: What failed, in a sentence.
        is_committed: Whether the database had said that it has committed before it failed.
    """

    def __init__(self, failure: str, *, is_committed: bool = False) -> None:
        kept = (
            "The work was kept."
            if is_committed
            else "It is not known whether the work was kept: run the command again."
        )
        super().__init__(f"{failure} {kept}")
        self.failure, self.is_committed = failure, is_committed


class LedgerMismatch(EnvironmentFailure):
    """A store does not hold what its ledger file says, or holds more; nothing was done."""


class ReconciliationError(EnvironmentFailure):
    """Rows or totals do not agree between the returns and the store; nothing was committed."""


class LockedError(ProbationEtlError):
    """Another run holds the lock, or another program has the store open."""

    exit_code = 75


class UnreadableFile(ProbationEtlError):
    """A return that cannot be read; it becomes a finding.

    Attributes:
        code: The finding code, such as ``unreadable-file``, or ``reader-failed`` where the file brought its reader down.
        hint: What to do; empty where the catalogue's hint for this code will do.
    """

    exit_code = 1

    def __init__(self, message: str, *, code: str = "unreadable-file", hint: str = "") -> None:
        super().__init__(message)
        self.code, self.hint = code, hint

    @property
    def brought_down(self) -> bool:
        """Whether the file brought down the process that read it."""
        return self.code == "reader-failed"


class InternalError(ProbationEtlError):
    """A bug in this package."""
