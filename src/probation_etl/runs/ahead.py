"""Files of an inbox as they tell by themselves, in a known order: other processes are at the next ones meanwhile, if there are any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.intake.control_totals import ControlTotals, read_control_totals
from probation_etl.intake.judged import judged_file
from probation_etl.intake.readers import Content
from probation_etl.runs.held import HeldFile
from probation_etl.runs.inbox import read_file
from probation_etl.runs.judges import LARGE
from probation_etl.runs.listing import Listing
from probation_etl.runs.looking import Arrival
from probation_etl.runs.session import RunSession

if TYPE_CHECKING:
    from concurrent.futures import Future

    from probation_etl.runs.judges.exchange import Answer
    from probation_etl.runs.judges.pool import Judges

#: Files for each process that are read ahead: the one that it is at, and the one that comes next.
_AHEAD = 2


@dataclass(frozen=True)
class Desk(Discreet):
    """What files are judged with.

    Attributes:
        judges: Other processes; None where there are none.
    """

    session: RunSession
    inbox: Listing
    judges: Judges | None


@dataclass(frozen=True)
class _Asked(Discreet):
    """A file that another process judges."""

    content: Content
    answer: Future[Answer | None]


class Ahead:
    """Files in the order in which they are asked for."""

    def __init__(self, desk: Desk, files: Iterable[Arrival], claims_alone: Callable[[], bool] = lambda: False) -> None:
        """Reads none yet.

        Args:
            desk: What they are judged with.
            files: The files.
            claims_alone: Whether, from now on, other processes only say what files claim to be.
        """
        self._desk, self._files, self._claims_alone = desk, iter(files), claims_alone
        self._asked: dict[str, _Asked] = {}

    def file(self, arrival: Arrival) -> HeldFile:
        """The next of the files. Nothing is known but its content if that has changed, or is too large to be read.

        Raises:
            UnreadableFile: It is out of reach, or may not be read.
        """
        judges = self._desk.judges
        if judges:
            self._ask(judges)
            asked = self._asked.pop(arrival.name, None)
            answer = asked and judges.answer(asked.answer)
            if asked and answer:
                return self._answered(asked.content, answer)
        return self._here(arrival)

    def _ask(self, judges: Judges) -> None:
        """Lets other processes begin with the files that come next."""
        from probation_etl.runs.judges.exchange import Request

        while len(self._asked) < _AHEAD * judges.number and (arrival := next(self._files, None)):
            content = self._small(arrival)
            if content and isinstance(content.data, bytes):
                request = Request(
                    arrival.given,
                    content.data,
                    content.sha256,
                    self._totals(arrival),
                    claims_alone=self._claims_alone(),
                )
                self._asked[arrival.name] = _Asked(content, judges.judge(request))

    def _small(self, arrival: Arrival) -> Content | None:
        """A small file; None for any other, and for one of which something has to be told in its turn."""
        if arrival.stamp.size > LARGE:
            return None
        try:
            content = read_file(self._desk.inbox, arrival.path, self._desk.session.limits)
        except UnreadableFile:
            return None
        return content if content.sha256 == arrival.sha256 else None

    def _answered(self, content: Content, answer: Answer) -> HeldFile:
        if answer.file is None:
            return HeldFile(content, answer.claims)
        data = content.data if isinstance(content.data, bytes) else b""
        judged = partial(answer.judged, self._desk.session.rulebook, data)
        return HeldFile(content, answer.claims, judged, len(answer.file))

    def _here(self, arrival: Arrival) -> HeldFile:
        session = self._desk.session
        content = read_file(self._desk.inbox, arrival.path, session.limits)
        if content.data is None or content.sha256 != arrival.sha256:
            return HeldFile(content)
        judged = judged_file(
            arrival.given,
            content.data,
            session.rulebook,
            session.limits,
            totals=self._totals(arrival),
            sha256=content.sha256,
        )
        return HeldFile(content, judged.claims, lambda: judged, judged.memory)

    def _totals(self, arrival: Arrival) -> ControlTotals | None:
        """The control totals beside a file."""
        if arrival.beside.control_file is None:
            return None
        path = Path(arrival.beside.control_file)
        name = self._desk.inbox.shown(path)
        try:
            data = read_file(self._desk.inbox, path, self._desk.session.limits).data
        except UnreadableFile:
            data = None
        return read_control_totals(name, data)
