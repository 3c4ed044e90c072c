"""How long the stages of a run take. Each second counts for one stage, the innermost that is at work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

#: The stages in their order, with what is done in each.
STAGES = {
    "contracts": "contracts read and compiled",
    "open": "store opened, locked and prepared",
    "look": "files of the inbox listed and looked up in the ledger",
    "read": "files read, and their returns identified",
    "validate": "returns validated",
    "load": "rows harmonised and written",
    "reassess": "returns judged again that refer to rows which changed",
    "reconcile": "totals counted at each stage and compared",
    "import": "Great Expectations imported",
    "check": "release checks made",
    "release": "loaded rows released to readers",
    "exceptions": "activity compared with its history and its peers",
    "report": "pages and files of the reports written",
}
#: What follows once the results are written: it is counted from then on, and they do not say it.
COMMIT = "commit"


class Spent:
    """Seconds by stage, from here on."""

    def __init__(self) -> None:
        """No stage has begun."""
        self._begun, self._by_stage = perf_counter(), dict.fromkeys(STAGES, 0.0)

    def add(self, stage: str, seconds: float) -> None:
        """Counts seconds for a stage; what is none of those listed is counted with the rest.

        Other processes may have measured more of them together than have passed: no more are counted than that.
        """
        seconds = max(0.0, min(seconds, perf_counter() - self._begun - self._counted))
        if stage in self._by_stage or stage == COMMIT:
            self._by_stage[stage] = self._by_stage.get(stage, 0.0) + seconds

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        """Counts the time inside for a stage, but for what other stages count meanwhile."""
        begun, others = perf_counter(), self._counted
        try:
            yield
        finally:
            self.add(stage, max(0.0, perf_counter() - begun - (self._counted - others)))

    def seconds(self) -> dict[str, float]:
        """Seconds up to now: of every stage, of what is none of them (``other``), and of all together (``total``)."""
        total = perf_counter() - self._begun
        stages = {stage: round(seconds, 3) for stage, seconds in self._by_stage.items()}
        return {**stages, "other": round(max(0.0, total - self._counted), 3), "total": round(total, 3)}

    @property
    def _counted(self) -> float:
        return sum(self._by_stage.values())


_SPENT: ContextVar[Spent | None] = ContextVar("probation_etl_spent", default=None)


@contextmanager
def counted() -> Iterator[Spent]:
    """Counts seconds by stage in this context, together with whoever counts already."""
    spent = _SPENT.get()
    if spent is not None:
        yield spent
        return
    token = _SPENT.set(Spent())
    try:
        yield _SPENT.get() or Spent()
    finally:
        _SPENT.reset(token)


@contextmanager
def spending(stage: str) -> Iterator[None]:
    """Counts the time inside for a stage, if anybody counts."""
    spent = _SPENT.get()
    if spent is None:
        yield
        return
    with spent.on(stage):
        yield


def spend(stage: str, seconds: float) -> None:
    """Counts seconds that somebody measured, if anybody counts."""
    spent = _SPENT.get()
    if spent is not None:
        spent.add(stage, seconds)


def seconds_by_stage() -> dict[str, float]:
    """Seconds by stage up to now; nothing where nobody counts."""
    spent = _SPENT.get()
    return spent.seconds() if spent is not None else {}
