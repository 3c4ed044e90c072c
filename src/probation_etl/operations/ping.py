"""Tells a monitor of jobs that a run begins, and how it ended: silence is the alarm."""

from __future__ import annotations

from probation_etl.operations.addresses import WebAddress
from probation_etl.operations.events import Begun, Ended, Observer
from probation_etl.operations.web import get


class Ping(Observer):
    """Asks for ``URL/start`` and for ``URL/EXIT CODE``, as services such as Healthchecks expect it."""

    is_remote = True

    def __init__(self, address: WebAddress) -> None:
        self._address = address
        self.name = f"the monitor at {address.shown}"

    def begun(self, _run: Begun) -> None:
        """Asks for ``URL/start``."""
        get(self._address.below("start"))

    def ended(self, end: Ended) -> None:
        """Asks for ``URL/EXIT CODE``."""
        get(self._address.below(str(end.exit_code)))
