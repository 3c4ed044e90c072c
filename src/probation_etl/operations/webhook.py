"""Sends the notice of a run to an address of the web."""

from __future__ import annotations

import json

from probation_etl.operations.addresses import WebAddress
from probation_etl.operations.events import Ended, Observer
from probation_etl.operations.notice import notice
from probation_etl.operations.web import post


class Webhook(Observer):
    """Posts the notice as JSON. Its ``text`` is what chat programs show."""

    is_remote = True

    def __init__(self, address: WebAddress, *, always: bool = False) -> None:
        self._address, self._always = address, always
        self.name = f"the webhook at {address.shown}"

    def ended(self, end: Ended) -> None:
        """Posts the notice, if there is something to do or it is always wanted."""
        if self._always or end.asks_for_action:
            post(self._address, json.dumps(notice(end)))
