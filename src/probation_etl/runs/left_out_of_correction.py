"""Suppliers that a corrected file of several no longer has: their earlier returns still count, which nobody may have meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.numbers import counted
from probation_etl.intake.claims import Claim
from probation_etl.intake.result import ReturnResult
from probation_etl.runs.session import RunSession

#: Returns that one finding names.
_NAMED = 10


class LeftOutOfCorrection:
    """Asks it once of a file, with the first of its returns."""

    def __init__(self, session: RunSession, claims: Collection[Claim]) -> None:
        """Nothing was asked yet.

        Args:
            session: The run.
            claims: What the returns of the file claim to be.
        """
        self._session, self._claims, self._asked = session, claims, False

    def findings(self, result: ReturnResult) -> Iterator[Finding]:
        """A warning if the file that this one corrects has returns which this one lacks."""
        by_row = result.contract.identification.row_columns if result.contract else {}
        if self._asked or not by_row:
            return
        self._asked = True
        if not self._session.kept.has_other_content(self._claims, result.sha256):
            return
        counting = [each for each in self._session.entries() if each.is_current and each.sha256 != result.sha256]
        corrected = {each.sha256 for each in counting if each.claim in self._claims}
        kinds = {each.kind for each in self._claims}
        lost = [
            each
            for each in counting
            if each.sha256 in corrected and each.kind in kinds and each.claim not in self._claims and each.rows_accepted
        ]
        if lost:
            names = [
                f"{each.supplier_code} ({counted(each.rows_accepted, 'row')}, ‘{each.return_id}’)" for each in lost
            ]
            more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
            text = (
                f"The file that this one corrects, ‘{lost[0].file}’ of run {lost[0].run_id}, also has rows of "
                f"{', '.join([*names[:_NAMED], *more])}; this one has none. What was loaded of them still counts."
            )
            hint = "If that is not meant, withdraw these returns, or send the file again with their rows."
            yield make("fewer-rows", expected=text, severity="warning", hint=hint)
