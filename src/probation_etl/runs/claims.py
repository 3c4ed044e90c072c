"""What the files of a run claim to be, known before any of them is loaded: two that claim the same compete."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.findings import Finding, make
from probation_etl.intake.claims import Claim
from probation_etl.intake.result import ReturnResult

#: Files that one finding names.
_NAMED = 5


class Claims:
    """Which returns the new files of a run claim to be."""

    def __init__(self) -> None:
        """Nothing is claimed yet."""
        self._files: defaultdict[Claim, dict[str, list[str]]] = defaultdict(dict)
        self._together: defaultdict[str, set[frozenset[Claim]]] = defaultdict(set)
        self._decided: set[Claim] = set()

    def add(self, name: str, sha256: str, claims: Iterable[Claim]) -> None:
        """Adds a file: its name, its content, and what the returns in it claim to be."""
        together = frozenset(claims)
        self._together[sha256].add(together)
        for claim in together:
            self._files[claim].setdefault(sha256, []).append(name)

    def decide(self, claim: Claim) -> None:
        """Makes the order of the files known that claim this."""
        self._decided.add(claim)

    def contested(self) -> dict[Claim, list[str]]:
        """The claims that files with different contents make, and these contents by SHA-256."""
        return {claim: list(files) for claim, files in self._files.items() if len(files) > 1}

    def against(self, result: ReturnResult, rows: int) -> list[Finding]:
        """What the other files say against a return, by what is known of it and its number of rows."""
        claim = result.claim
        if claim is None or result.sha256 not in self._files.get(claim, {}):
            return []
        found = []
        others = [name for sha256, names in self._files[claim].items() if sha256 != result.sha256 for name in names]
        if others and claim not in self._decided:
            found.append(make("competing-returns", expected=_listed(others)))
        # Two returns without a row are the same bytes, whoever sends them.
        elsewhere = self._elsewhere(result.sha256, claim) if rows else []
        found += [content_of_another(self._files[each][result.sha256][0], each) for each in elsewhere[:1]]
        return found

    def _elsewhere(self, sha256: str, claim: Claim) -> list[Claim]:
        """What returns of the kind in this content claim to be in files that do not claim this."""
        others = (each for each in self._together[sha256] if claim not in each)
        return sorted({each for together in others for each in together if each.kind == claim.kind})


def content_of_another(file: str, claim: Claim) -> Finding:
    """The finding that a file has the content of another supplier's or another period's return."""
    text = f"‘{file}’, the return of {claim.supplier_code} for the period to {in_words(claim.period_end)}"
    return make("content-of-another-return", expected=text)


def _listed(names: list[str]) -> str:
    shown = [f"‘{each}’" for each in names[:_NAMED]]
    more = [f"{len(names) - _NAMED:,} more"] if len(names) > _NAMED else []
    *first, last = shown + more
    return f"{', '.join(first)} and {last}" if first else last
