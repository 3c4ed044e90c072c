"""The contracts of one directory, and what of them can be found by what they are of."""

from __future__ import annotations

from pathlib import Path

from probation_etl.contracts.model.returns import ReturnContract
from probation_etl.contracts.model.tables import Contract, Layer, TableContract
from probation_etl.discreet import Discreet
from probation_etl.errors import UnknownNameError


class Contracts(Discreet, dict[str, Contract]):
    """The contracts of one directory, by id: the newest version of each.

    Attributes:
        versions: All versions by id, the oldest first.
        directory: Where they were read from.
        digest: SHA-256 of all files that returns are validated against, the reference tables included.
        faults: Why some of them cannot be used together.
    """

    versions: dict[str, list[Contract]]
    directory: Path
    digest: str
    faults: tuple[str, ...]

    def returns(self) -> list[ReturnContract]:
        """The newest contract of each return, in the order of their ids."""
        return [each for _, each in sorted(self.items()) if isinstance(each, ReturnContract)]

    def return_versions(self) -> list[ReturnContract]:
        """Every version of every contract of a return, by id and then by age."""
        versions = (each for name in sorted(self.versions) for each in self.versions[name])
        return [each for each in versions if isinstance(each, ReturnContract)]

    def return_version(self, name: str | None, version: str | None) -> ReturnContract | None:
        """One version of the contract of a return; None where there is no such version."""
        named = (each for each in self.return_versions() if (each.id, each.version) == (name, version))
        return next(named, None)

    def tables(self) -> list[TableContract]:
        """Contracts of the unified tables and of the views, in the order of their ids."""
        return [each for _, each in sorted(self.items()) if isinstance(each, TableContract)]

    def unified(self) -> list[TableContract]:
        """Contracts of the unified tables alone, in the order of their ids."""
        return [each for each in self.tables() if not each.is_view]

    def views(self) -> list[TableContract]:
        """Contracts of the views alone, in the order of their ids."""
        return [each for each in self.tables() if each.is_view]

    def of_layer(self, *layers: Layer) -> list[Contract]:
        """Contracts of these layers, in the order of their ids."""
        return [each for _, each in sorted(self.items()) if each.layer in layers]

    def unified_table(self, table: str) -> TableContract:
        """The contract of a unified table or view, by its table's name.

        Raises:
            UnknownNameError: There is no such table.
        """
        for each in self.tables():
            if each.table == table:
                return each
        raise UnknownNameError(f"There is no unified table ‘{table}’ in these contracts.")

    def __missing__(self, name: object) -> Contract:
        raise UnknownNameError(f"There is no contract ‘{name}’ among these.")
