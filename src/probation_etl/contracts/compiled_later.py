"""The compiled contracts of a directory that lint has passed, each compiled when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from probation_etl.contracts.checks import Schema, made_schema
from probation_etl.contracts.model import Contracts, ReturnContract
from probation_etl.contracts.organisations import Reference
from probation_etl.errors import ContractError


class Compiled(Mapping[tuple[str, str], Schema]):
    """Compiled contracts of returns, by id and version."""

    def __init__(self, contracts: Contracts, reference: Reference) -> None:
        """Compiles nothing yet."""
        self._contracts = {(each.id, each.version): each for each in contracts.return_versions()}
        self._unified = {each.table: each for each in contracts.unified()}
        self._reference = reference
        self._made: dict[tuple[str, str], Schema] = {}

    def __getitem__(self, key: tuple[str, str]) -> Schema:
        if key not in self._made:
            self._made[key] = self._compiled(self._contracts[key])
        return self._made[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._contracts)

    def __len__(self) -> int:
        return len(self._contracts)

    def _compiled(self, contract: ReturnContract) -> Schema:
        tables, holidays = self._reference.tables, self._reference.bank_holidays()
        schema, faults = made_schema(contract, tables=tables, unified=self._unified, bank_holidays=holidays)
        if faults:
            raise ContractError(f"{len(faults)} fault(s) found in the contracts:", faults=tuple(faults))
        return schema
