"""Versions of one contract: for every period end there is one that applies, and never two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from probation_etl.contracts.model import Contract


def version_faults(versions: Mapping[str, Sequence[Contract]]) -> list[str]:
    """Overlaps and gaps between the versions of each contract, given from the oldest to the newest."""
    return [fault for each in versions.values() for older, newer in pairwise(each) for fault in _between(older, newer)]


def _between(older: Contract, newer: Contract) -> Iterator[str]:
    where = f"{newer.path}:1: customProperties: version {newer.version} of ‘{newer.id}’"
    if older.layer != newer.layer:
        yield f"{where} is of layer {newer.layer}, version {older.version} of layer {older.layer}"
    elif older.effective_to is None or newer.effective_from is None:
        yield f"{where}: give effectiveTo to version {older.version} and effectiveFrom to version {newer.version}"
    elif newer.effective_from <= older.effective_to:
        yield f"{where} starts on {newer.effective_from}, before version {older.version} ends on {older.effective_to}"
    elif newer.effective_from > older.effective_to + timedelta(days=1):
        yield f"{where} starts on {newer.effective_from}; no version applies after {older.effective_to}"
