"""What goes to a process that judges files, and comes back.

Both sides are this program, of this run: what comes back was made by the functions that would be called here. Contracts, which both
have, go by their names, and the bytes of a file go one way alone.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from probation_etl.contracts.compiled_later import Compiled
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.restricted_forms import RestrictedForms
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.intake.claims import Claim
from probation_etl.intake.control_totals import ControlTotals
from probation_etl.intake.judged import JudgedFile
from probation_etl.intake.readers import Limits
from probation_etl.intake.received import InBytes
from probation_etl.remembered import name_folder, named_folder

_PROTOCOL = 5


@dataclass(frozen=True)
class Request(Discreet):
    """A file that is to be judged.

    Attributes:
        name: Its path relative to the inbox.
        data: Its bytes.
        sha256: Their hash.
        totals: Control totals in a file beside it.
        claims_alone: Whether it is only asked what the file claims to be.
    """

    name: str
    data: bytes
    sha256: str
    totals: ControlTotals | None
    claims_alone: bool = False

    def packed(self) -> bytes:
        """The same as bytes."""
        return pickle.dumps(self, _PROTOCOL)

    @classmethod
    def unpacked(cls, data: bytes) -> Request:
        """A request from bytes."""
        found: Request = pickle.loads(data)  # noqa: S301 -- from the process that started this one
        return found


@dataclass(frozen=True)
class Answer(Discreet):
    """A judged file.

    Attributes:
        claims: What the returns of it claim to be.
        file: The file, packed; None where it was not asked for.
    """

    claims: frozenset[Claim]
    file: bytes | None

    @classmethod
    def of(cls, file: JudgedFile, rulebook: Rulebook, *, claims_alone: bool) -> Self:
        """The answer with a file, of which every return is judged now."""
        if claims_alone:
            return cls(file.claims, None)
        packed = io.BytesIO()
        _Pickler(packed, _PROTOCOL, forms=rulebook.guard.forms).dump(replace(file, returns=tuple(file.returns)))
        return cls(file.claims, packed.getvalue())

    @classmethod
    def unpacked(cls, data: bytes) -> Answer | None:
        """An answer from bytes."""
        found: Answer | None = pickle.loads(data)  # noqa: S301 -- from a process of this program
        return found

    def judged(self, rulebook: Rulebook, data: bytes) -> JudgedFile:
        """The file, with the contracts of this process and the bytes that it has."""
        assert self.file is not None  # noqa: S101 -- it was asked for
        found = _Unpickler(self.file, rulebook, data).load()
        assert isinstance(found, JudgedFile)  # noqa: S101 -- for the types
        return found


def packed_rulebook(rulebook: Rulebook, limits: Limits) -> bytes:
    """What a process is told before all files: contracts, reference tables, limits, and where it may look for what is remembered."""
    return pickle.dumps((rulebook.contracts, rulebook.reference, limits, named_folder()), _PROTOCOL)


def unpacked_rulebook(data: bytes) -> tuple[Rulebook, Limits]:
    """The same in the other process, which compiles a contract when a return of it comes."""
    contracts, reference, limits, folder = pickle.loads(data)  # noqa: S301 -- from the process that started this one
    name_folder(folder)
    assert folder is None or isinstance(folder, Path)  # noqa: S101 -- for the types
    return Rulebook(contracts, reference, Compiled(contracts, reference)), limits


class _Pickler(pickle.Pickler):
    """Writes contracts by their names, and leaves out what the other process has."""

    def __init__(self, file: io.BytesIO, protocol: int, *, forms: RestrictedForms) -> None:
        super().__init__(file, protocol)
        self._forms = forms

    def persistent_id(self, value: Any) -> tuple[str, ...] | None:
        if isinstance(value, ReturnContract):
            return "contract", value.id, value.version
        if isinstance(value, InBytes):
            return ("received",)
        return ("forms",) if value is self._forms else None


class _Unpickler(pickle.Unpickler):
    """Reads what a :class:`_Pickler` wrote."""

    def __init__(self, packed: bytes, rulebook: Rulebook, data: bytes) -> None:
        super().__init__(io.BytesIO(packed))
        self._rulebook = rulebook
        self._ours: Mapping[str, Any] = {"received": InBytes(data), "forms": rulebook.guard.forms}

    def persistent_load(self, name: tuple[str, ...]) -> Any:
        return self._ours[name[0]] if name[0] in self._ours else self._rulebook.contracts.return_version(*name[1:])
