"""Files that come beside a return and are none: markers that it is whole, and control totals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from probation_etl.contracts.model import Delivery, ReturnContract
from probation_etl.discreet import Discreet
from probation_etl.intake.file_names import file_name_matches


@dataclass(frozen=True)
class Beside(Discreet):
    """What lies beside a return, by the names of the files.

    Attributes:
        control_file: The file with its control totals.
        others: All else.
    """

    control_file: str | None = None
    others: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """All of it."""
        return (*([self.control_file] if self.control_file else []), *self.others)


NOTHING_BESIDE = Beside()


class Companions:
    """Which files of a delivery belong to which, by their names and what contracts say of them."""

    def __init__(self, contracts: Iterable[ReturnContract], names: Iterable[str]) -> None:
        """Looks at the names of all files.

        Args:
            contracts: The contracts of returns.
            names: The files by their paths.
        """
        self._contracts = [each for each in contracts if each.delivery != Delivery()]
        self._names = set(names) if self._contracts else set()

    def is_companion(self, name: str) -> bool:
        """Whether a file comes beside a return, which may not be there yet, and is none itself."""
        return any(
            name.endswith(ending) and file_name_matches(name.removesuffix(ending), each)
            for each in self._contracts
            for ending in each.delivery.endings
        )

    def lacking(self, name: str) -> str | None:
        """The first file that has to lie beside a return and does not; for a companion, its return."""
        if not self._contracts:
            return None
        expected = [name + ending for each in self._fitting(name) for ending in each.delivery.endings]
        if not expected and self.is_companion(name):
            expected = [name.rpartition(".")[0]]
        return next((each for each in expected if each not in self._names), None)

    def of(self, name: str) -> Beside:
        """What lies beside a return."""
        if not self._contracts:
            return NOTHING_BESIDE
        given = [each.delivery for each in self._fitting(name)]
        there = {each for one in given for each in one.endings if name + each in self._names}
        control = next((each.control_file for each in given if each.control_file in there), None)
        others = sorted(there - {control})
        return Beside(name + control if control else None, tuple(name + each for each in others))

    def _fitting(self, name: str) -> list[ReturnContract]:
        return [each for each in self._contracts if file_name_matches(name, each)]
