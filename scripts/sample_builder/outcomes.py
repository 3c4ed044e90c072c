"""What a run over the sample must give, from the plan it was built by."""

import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class PlannedReturn:
    """One return of the sample and how many of its rows were made with an error or a warning."""

    file: str
    sheet: str
    contract: str
    read: int
    quarantined: int = 0
    warned: int = 0

    @property
    def verdict(self) -> str:
        """The verdict that the return must get."""
        if self.quarantined:
            return "partly_accepted"
        return "accepted_with_warnings" if self.warned else "accepted"

    def as_json(self) -> dict[str, object]:
        """The return as it stands in the file of expected outcomes; a CSV file has no sheet."""
        accepted = self.read - self.quarantined
        return {
            "file": self.file,
            "sheet": self.sheet or None,
            "contract": self.contract,
            "verdict": self.verdict,
            "rows": {"read": self.read, "accepted": accepted, "quarantined": self.quarantined},
        }


def expected_outcome(planned: Iterable[PlannedReturn]) -> str:
    """The file of expected outcomes, sorted by file and sheet."""
    returns = sorted(planned)
    exit_code = 1 if any(each.quarantined for each in returns) else 0
    document = {"exit_code": exit_code, "returns": [each.as_json() for each in returns]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
