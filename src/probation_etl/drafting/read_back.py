"""What becomes of the sample files by the contracts that were drafted from them: linted, proved, and every row judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.drafting.samples import Sample
from probation_etl.errors import ContractError
from probation_etl.files import write_draft
from probation_etl.intake.assess import assess
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import Given
from probation_etl.proof import prove
from probation_etl.runs.admission import load_rulebook
from probation_etl.runs.lint import lint

#: Who sends a file that does not say it.
_SOMEBODY = "SAMPLE"
_ACCEPTED = ("accepted", "accepted_with_warnings")


@dataclass(frozen=True)
class SampleResult(Discreet, tells=("file", "sheet", "verdict")):
    """What became of one table of a sample file.

    Attributes:
        file: Name of the file.
        sheet: Name of the sheet; None where the file is one table.
        contract: Id of the contract.
        verdict: Its verdict.
        read: How many rows it has.
        accepted: How many of them were accepted.
        findings: How many findings there are, by their codes.
    """

    file: str
    sheet: str | None
    contract: str
    verdict: str
    read: int
    accepted: int
    findings: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_accepted(self) -> bool:
        """Whether every row was accepted."""
        return self.verdict in _ACCEPTED

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "file": self.file, "sheet": self.sheet, "contract": self.contract, "verdict": self.verdict,
            "rows": {"read": self.read, "accepted": self.accepted}, "findings": dict(self.findings),
        }  # fmt: skip


@dataclass(frozen=True)
class ReadBack(Discreet):
    """What became of the samples, and of the contracts themselves.

    Attributes:
        faults: What lint refuses in the contracts.
        warnings: What it warns of.
        results: Each table of the files.
        broken: By column, the kinds of its rules that a sample breaks: each as ``(contract, column, kind)``.
        rules: How many rules the contracts have that can be proved.
        unproved: Those for which no return was found that breaks them alone, with the reason.
    """

    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    results: tuple[SampleResult, ...] = ()
    broken: frozenset[tuple[str, str, str]] = frozenset()
    rules: int = 0
    unproved: tuple[str, ...] = ()


class Trial:
    """Contracts in a folder of their own, in which they are tried."""

    def __init__(self, folder: Path, drafts: Mapping[str, str]) -> None:
        self._folder = folder
        for name, text in drafts.items():
            write_draft(folder / f"{name}.odcs.yaml", text)
        self.faults: tuple[str, ...] = ()
        try:
            self._rulebook: Rulebook | None = load_rulebook(folder)
        except ContractError as error:
            self._rulebook, self.faults = None, self._plain(error.faults or (str(error),))

    @classmethod
    @contextmanager
    def of(cls, drafts: Mapping[str, str]) -> Iterator[Trial]:
        """A trial of contracts, by their ids."""
        with TemporaryDirectory(prefix="probation-etl-") as made:
            yield cls(Path(made), drafts)

    def read_back(self, samples: Sequence[Sample], said: Mapping[str, Mapping[str, str]]) -> ReadBack:
        """Reads the samples by the contracts.

        Args:
            samples: The files.
            said: What the name of each file says: ``supplier_code``, ``period_end``.
        """
        if self._rulebook is None:
            return ReadBack(self.faults)
        results = [each for one in samples for each in _assessed(one, self._rulebook, said.get(one.name, {}))]
        broken = {each for result in results for each in _broken(result)}
        return ReadBack((), (), tuple(map(_shown, results)), frozenset(broken))

    def examined(self, back: ReadBack) -> ReadBack:
        """The same with what lint says of the contracts, and which of their rules can be proved."""
        linted = lint([self._folder])
        if linted.faults or self._rulebook is None:
            return replace(back, faults=self._plain(linted.faults or self.faults))
        proofs = [each for contract in self._rulebook.returns() for each in prove(contract, self._rulebook)]
        unproved = (
            f"{each.contract}: ‘{each.rule}’ cannot be proved: {each.how}" for each in proofs if not each.proved
        )
        return replace(back, warnings=self._plain(linted.warnings), rules=len(proofs), unproved=tuple(unproved))

    def _plain(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Texts without the folder, which nobody sees."""
        return tuple(each.replace(f"{self._folder}/", "") for each in texts)


def _assessed(sample: Sample, rulebook: Rulebook, said: Mapping[str, str]) -> Iterator[ReturnResult]:
    contracts = rulebook.returns()
    covers = [each.identification.cover.labels if each.identification.cover else {} for each in contracts]
    known = {**said, **{label: "" for labels in covers for label in labels}}
    named = bool(contracts[0].identification.file_name or contracts[0].identification.sheet)
    given = Given(
        () if named else tuple(contracts),
        # A name alone is looked up in a reference table, which is not here.
        None if "supplier_code" in known else _SOMEBODY,
        None if "period_end" in known else date.today(),  # noqa: DTZ011 -- any day after those in the file would do
    )
    yield from assess(sample.name, sample.data, rulebook, given=given)


def _shown(result: ReturnResult) -> SampleResult:
    counts = (
        result.findings["code"].value_counts(sort=True)
        if result.findings.height
        else pl.DataFrame({"code": [], "count": []})
    )
    contract = result.contract.id if result.contract else ""
    return SampleResult(
        result.file,
        result.sheet,
        contract,
        result.verdict,
        result.rows.read,
        result.rows.accepted,
        dict(counts.iter_rows()),
    )


def _broken(result: ReturnResult) -> Iterator[tuple[str, str, str]]:
    contract, errors = result.contract, result.findings.filter(pl.col("severity") == "error")
    if contract is None:
        return
    checks = [check for rule in errors["rule"].drop_nulls().unique() if (check := result.checks.get(rule))]
    yield from ((contract.id, column, str(check.kind)) for check in checks for column in check.columns)
