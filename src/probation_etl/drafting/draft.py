"""A contract from sample files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from probation_etl.arguments import not_forked_after_work, typed
from probation_etl.discreet import Discreet
from probation_etl.drafting.document import document
from probation_etl.drafting.draft_table import DraftTable
from probation_etl.drafting.file_names import compared
from probation_etl.drafting.loosened import loosened
from probation_etl.drafting.parts import sorted_tables
from probation_etl.drafting.read_back import ReadBack, SampleResult, Trial
from probation_etl.drafting.samples import read_samples
from probation_etl.drafting.tables import draft_table, names_of
from probation_etl.errors import UsageError

#: How often a draft is read back without the rules that its samples broke.
_TRIES = 4
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")


@dataclass(frozen=True)
class ContractDraft(Discreet):
    """Contracts that were drafted from sample files, and what becomes of these by them.

    Attributes:
        contracts: Each contract as YAML, by its id; one for each sheet of workbooks.
        results: What became of each table of the files: :class:`SampleResult` has ``file``, ``sheet``, ``contract``, ``verdict``, ``read``,
            ``accepted`` (rows) and ``findings`` (their number by code).
        rules: How many rules the contracts have that can be proved.
        unproved: Those for which no return was found that breaks them alone, with the reason.
        faults: What lint refuses in the contracts, which is a fault of the program; usually empty.
        warnings: What lint warns of.
    """

    contracts: Mapping[str, str]
    results: tuple[SampleResult, ...]
    rules: int
    unproved: tuple[str, ...]
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def accepts_all(self) -> bool:
        """Whether the contracts accept every row of the files."""
        return not self.faults and bool(self.results) and all(each.is_accepted for each in self.results)

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "format_version": "1", "contracts": dict(self.contracts), "results": [each.as_dict() for each in self.results],
            "rules": self.rules, "unproved": list(self.unproved), "faults": list(self.faults), "warnings": list(self.warnings),
        }  # fmt: skip


@typed
def draft_contract(files: Sequence[Any] | str | Path, *, id: str | None = None) -> ContractDraft:  # noqa: A002 -- as contracts call it
    """Drafts a contract from sample files of one return, of several suppliers and periods as far as there are.

    What is drafted is read back: the files are validated by it, row by row. Values are written into a draft only where they are few,
    repeated, and below no header that speaks of people; everything else is shown by its shape.

    Args:
        files: Paths of files, their bytes, or tables in memory (polars, pandas or pyarrow).
        id: Id of the contract; by default made of what the names of the files have in common. Contracts of several sheets have the
            name of the sheet behind it.

    Returns:
        The contracts, and what became of the files.

    Raises:
        UsageError: A file is empty or no table, or the files are not of one return.
        EnvironmentFailure: A file cannot be read.
    """
    not_forked_after_work()
    if id is not None and not _ID.fullmatch(id):
        raise UsageError(f"‘{id}’ cannot be the id of a contract: letters, digits, hyphens, dots and underscores can.")
    samples = read_samples([files] if isinstance(files, str | Path) else files)
    names, found = compared([each.name for each in samples]), sorted_tables(samples)
    tables = [draft_table(group, name, found, names) for group, name in names_of(found.groups, id, names)]
    for left in reversed(range(_TRIES)):
        drafts = {each.id: document(each) for each in tables}
        with Trial.of(drafts) as trial:
            back = trial.read_back(samples, names.said)
            looser = [_looser(each, back) for each in tables]
            if looser == tables or not left:
                back = trial.examined(back)
                break
        tables = looser
    return ContractDraft(drafts, back.results, back.rules, back.unproved, back.faults, back.warnings)


def _looser(table: DraftTable, back: ReadBack) -> DraftTable:
    """The table without the rules that a sample breaks; a key goes as a whole."""
    kinds: dict[str, set[str]] = {}
    for contract, column, kind in back.broken:
        if contract == table.id:
            kinds.setdefault(column, set()).add(kind)
    return replace(table, columns=tuple(loosened(each, kinds.get(each.name, set())) for each in table.columns))
