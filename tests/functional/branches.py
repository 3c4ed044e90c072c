"""A library's branch that sends returns of loans: its inbox, its store, and commands on them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from places import Outcome
from probation_etl.audit.verify import verify
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.stores import connect

#: A name may have more behind what identifies the return, as the names of people's files do.
IDENTIFIED = {"fileName": r"(?P<supplier_code>[A-Z]\d)_loans_(?P<period_end>\d{4}-\d{2}-\d{2}).*\.(csv|xlsx|zip)"}
NAME = "B1_loans_2024-03-31{}.csv"


class Branch:
    """A library's inbox and store."""

    def __init__(self, root: Path, contracts: Path, command: Callable[..., Outcome], library: Any) -> None:
        self.root, self.contracts, self._command, self.library = root, contracts, command, library
        self.inbox = root / "inbox"
        self.inbox.mkdir()
        self.url = f"duckdb:///{root / 'store.duckdb'}"

    def put(self, name: str, *fines: str, modified: int | None = None) -> None:
        """Puts a return of loans with these fines into the inbox."""
        rows = [self.library.row(Loan_reference=f"L{at:04}", Fine=fine) for at, fine in enumerate(fines)]
        self.write(name, self.library.csv(*rows), modified=modified)

    def write(self, name: str, content: bytes, *, modified: int | None = None) -> None:
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if modified is not None:
            os.utime(path, (modified, modified))

    def take(self, *names: str) -> None:
        """Takes files out of the inbox."""
        for name in names:
            (self.inbox / name).unlink()

    def command(self, *arguments: object) -> Outcome:
        return self._command(*arguments, "--contracts", self.contracts)

    def run(self, *more: object) -> Outcome:
        return self.command("run", self.inbox, "--store", self.url, "--reports", self.root / "reports", *more)

    def quietly(self) -> Outcome:
        return self._command(
            "-q",
            "run",
            self.inbox,
            "--store",
            self.url,
            "--reports",
            self.root / "reports",
            "--contracts",
            self.contracts,
        )

    def verdicts(self, *more: object) -> dict[str, str]:
        """Verdicts of a run by file."""
        return {each["file"]: each["verdict"] for each in self.returns(*more)}

    def returns(self, *more: object) -> list[dict[str, Any]]:
        return list(self.run("--json", *more).json["returns"])

    def fines(self) -> list[str]:
        """What readers of the released table see."""
        with connect(self.url, self.rulebook.contracts, self.rulebook.tables) as store:
            assert not [fault for proof in verify(store, self.rulebook).proofs for fault in proof.faults]
            found = store.query("SELECT fine FROM released.loans ORDER BY loan_reference, fine")
            return [str(each) for each in found["fine"]]

    rulebook: Rulebook
