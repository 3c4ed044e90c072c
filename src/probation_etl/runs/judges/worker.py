"""What a process does that judges files for another: one after the other, until there is none."""

from __future__ import annotations

import pickle
import sys
from multiprocessing.connection import Connection

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.judged import judged_file
from probation_etl.intake.readers import Limits
from probation_etl.intake.readers.apart.restricted import end_with, restrict_for_good
from probation_etl.runs.judges.exchange import Answer, Request, unpacked_rulebook

#: Bytes of cells from which on a file is left to the other process: a small archive may hold much, and all of it would be sent.
_MUCH = 1 << 26


def work(lifeline: int) -> None:
    """Judges files until there is no further request.

    Args:
        lifeline: A pipe that is closed when nobody waits for this process any more.
    """
    end_with(lifeline)
    restrict_for_good()
    channel = Connection(sys.stdin.fileno())
    try:
        rulebook, limits = unpacked_rulebook(channel.recv_bytes())
        while True:
            request = Request.unpacked(channel.recv_bytes())
            channel.send_bytes(pickle.dumps(_answer(request, rulebook, limits)))
    except EOFError:
        pass


def _answer(request: Request, rulebook: Rulebook, limits: Limits) -> Answer | None:
    """None for a file that turns out to be large, and where it fails: the other process then fails at it too, and can say so."""
    try:
        file = judged_file(request.name, request.data, rulebook, limits, totals=request.totals, sha256=request.sha256)
        if file.memory > _MUCH:
            return None
        return Answer.of(file, rulebook, claims_alone=request.claims_alone)
    except BaseException:  # noqa: BLE001 -- a panic of a library derives from nothing else
        return None
